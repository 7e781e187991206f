import * as tf from '@tensorflow/tfjs-core'
import type { Scalar, Tensor, Tensor1D } from '@tensorflow/tfjs-core'

/**
 * Positions of the k largest values, and among equal ones those that torch.topk takes on a CPU, in its order. torch partitions
 * with libstdc++'s nth_element (quickselect, the pivot is the median of the second, middle and last element), so which of several
 * equal values make it follows from its swaps: they are made here as it makes them. Every round is a permutation, so that all of
 * it is a fixed graph without a loop over values and nothing is read from the engine.
 *
 * After 2 ⌊log2 n⌋ rounds libstdc++ goes over to a heap; here what is left is then sorted, so that equal values may come out
 * otherwise.
 * @param values [n], n small: a round makes tables of n × n
 * @returns [k] int32, largest first
 */
export function torchTopK(values: Tensor1D, k: number): Tensor1D {
  return tf.tidy(() => {
    const n = values.shape[0]
    const places = tf.range(0, n, 1, 'float32')
    let state: State = { values: tf.cast(values, 'float32'), order: places, first: tf.scalar(0), last: tf.scalar(n) }
    const rounds = n > 3 ? 2 * Math.floor(Math.log2(n)) : 0
    for (let round = 0; round < rounds; round++) state = partitioned(state, places, k)
    return best(state, places, k)
  })
}

/** Values as they lie by now, where each of them came from, and the window [first, last) that is yet in disorder. */
interface State {
  readonly values: Tensor1D
  readonly order: Tensor1D
  readonly first: Scalar
  readonly last: Scalar
}

const number = <T extends Tensor>(condition: T): T => tf.cast(condition, 'float32')
const and = <T extends Tensor>(a: T, b: Tensor): T => tf.mul(a, b)
const not = <T extends Tensor>(condition: T): T => tf.sub(1, condition)
/** `yes` where the condition is 1, `no` where it is 0. */
const either = (condition: Scalar, yes: Scalar, no: Scalar): Scalar =>
  tf.add(tf.mul(condition, yes), tf.mul(not(condition), no))
const sumOf = (values: Tensor): Scalar => tf.sum(values) as Scalar

/**
 * One round: the median comes to the front, and what is smaller goes behind what is larger. Nothing happens in a window of three.
 */
function partitioned(state: State, places: Tensor1D, k: number): State {
  const { first, last } = state
  const on = number(tf.greater(tf.sub(last, first), 3)) as Scalar
  const chosen = moved(state, medianToFront(state, places, on))
  const { permutation, cut } = swapsOfPartition(chosen, places, on)
  const left = and(on, number(tf.lessEqual(cut, k - 1)))
  return {
    ...moved(chosen, permutation),
    first: either(left, cut, first),
    last: either(and(on, not(left)), cut, last),
  }
}

const moved = (state: State, permutation: Tensor1D): State => {
  const from = tf.cast(permutation, 'int32')
  return { ...state, values: tf.gather(state.values, from), order: tf.gather(state.order, from) }
}

function medianToFront({ values, first, last }: State, places: Tensor1D, on: Scalar): Tensor1D {
  const [a, b, c] = [tf.add(first, 1), tf.add(first, tf.floor(tf.div(tf.sub(last, first), 2))), tf.sub(last, 1)] as [
    Scalar,
    Scalar,
    Scalar,
  ]
  const valueAt = (place: Scalar) => sumOf(tf.mul(values, number(tf.equal<Tensor1D>(places, place))))
  const [va, vb, vc] = [valueAt(a), valueAt(b), valueAt(c)]
  const larger = (x: Scalar, y: Scalar) => number(tf.greater<Scalar>(x, y))
  const [ab, bc, ac] = [larger(va, vb), larger(vb, vc), larger(va, vc)]
  const median = either(ab, either(bc, b, either(ac, c, a)), either(ac, a, either(bc, c, b)))
  const difference = tf.mul(on, tf.sub(median, first))
  const [atFirst, atMedian] = [number(tf.equal<Tensor1D>(places, first)), number(tf.equal<Tensor1D>(places, median))]
  return tf.add(places, tf.mul(difference, tf.sub(atFirst, atMedian)))
}

/**
 * The swaps of one partition, all at once: the i-th from the left that is not larger than the pivot changes places with the i-th
 * from the right that is not smaller, as long as it lies to the left of it. `cut` is where the scan from the left comes to stand.
 */
function swapsOfPartition(
  { values, first, last }: State,
  places: Tensor1D,
  on: Scalar,
): { permutation: Tensor1D; cut: Scalar } {
  const n = places.shape[0]
  const pivot = sumOf(tf.mul(values, number(tf.equal<Tensor1D>(places, first))))
  const before = number(tf.less<Tensor1D>(places, last))
  const fromLeft = and(
    and(before, number(tf.greater<Tensor1D>(places, first))),
    number(tf.lessEqual<Tensor1D>(values, pivot)),
  )
  const fromRight = and(
    and(before, number(tf.greaterEqual<Tensor1D>(places, first))),
    number(tf.greaterEqual<Tensor1D>(values, pivot)),
  )
  const column = (row: Tensor1D) => tf.reshape(row, [n, 1])
  // In row i, column j: whether j comes before i, or is i.
  const upTo = number(tf.lessEqual(tf.reshape(places, [1, n]), column(places)))
  const leftRank = tf.mul(fromLeft, tf.sum(tf.mul(upTo, tf.reshape(fromLeft, [1, n])), 1)) as Tensor1D
  const rightRank = tf.mul(fromRight, tf.sum(tf.mul(upTo, column(fromRight)), 0)) as Tensor1D
  const pairs = [
    number(tf.equal(column(leftRank), tf.reshape(rightRank, [1, n]))),
    tf.mul(column(fromLeft), tf.reshape(fromRight, [1, n])),
    number(tf.less(column(places), tf.reshape(places, [1, n]))),
  ].reduce<Tensor>(and, on)
  const distance = tf.mul(pairs, tf.sub(tf.reshape(places, [1, n]), column(places)))
  const permutation = tf.add(places, tf.sub(tf.sum(distance, 1), tf.sum(distance, 0))) as Tensor1D
  const swaps = sumOf(pairs)
  /** The place with a rank, or one behind all where there is none. */
  const placeOf = (rank: Tensor1D, wanted: Scalar) => {
    const there = number(tf.equal<Tensor1D>(rank, wanted))
    return tf.add(sumOf(tf.mul(there, places)), tf.mul(n, not(sumOf(there)))) as Scalar
  }
  const lastSwapped = either(number(tf.greater(swaps, 0)), placeOf(rightRank, swaps), tf.scalar(n))
  return { permutation, cut: tf.minimum(placeOf(leftRank, tf.add(swaps, 1)), lastSwapped) }
}

/** Sorts the window, and then the first k of all, each without changing the order of equals. */
function best({ values, order, first, last }: State, places: Tensor1D, k: number): Tensor1D {
  const inside = and(number(tf.greaterEqual<Tensor1D>(places, first)), number(tf.less<Tensor1D>(places, last)))
  const window = { within: inside, first }
  const sorted = stablySorted({ values, order }, places, window)
  const front = { within: number(tf.less<Tensor1D>(places, k)), first: tf.scalar(0) }
  return tf.cast(tf.slice(stablySorted(sorted, places, front).order, 0, k), 'int32')
}

function stablySorted(
  { values, order }: Pick<State, 'values' | 'order'>,
  places: Tensor1D,
  { within, first }: { readonly within: Tensor1D; readonly first: Scalar },
): Pick<State, 'values' | 'order'> {
  const n = places.shape[0]
  const column = (row: Tensor1D) => tf.reshape(row, [n, 1])
  const row = (own: Tensor1D) => tf.reshape(own, [1, n])
  const larger = number(tf.greater(row(values), column(values)))
  const earlierEqual = and(number(tf.equal(row(values), column(values))), number(tf.less(row(places), column(places))))
  const ahead = tf.sum(tf.mul(tf.add(larger, earlierEqual), row(within)), 1) as Tensor1D
  const target = tf.add(tf.mul(within, tf.add(first, ahead)), tf.mul(not(within), places))
  // In row i, column j: whether what lies at j goes to i.
  const placed = number(tf.equal(row(target as Tensor1D), column(places)))
  const arranged = (own: Tensor1D) => tf.sum(tf.mul(placed, row(own)), 1) as Tensor1D
  return { values: arranged(values), order: arranged(order) }
}
