/**
 * The vote as plain steps, to read and to compare with: what `torchTopK` and `mostVoted` beside do with tensors.
 */

/**
 * Positions of the k largest values, and among equal ones those that torch.topk takes on a CPU. torch partitions with
 * libstdc++'s nth_element (quickselect, pivot = median of the second, middle and last element, insertion sort below four
 * elements), so which of several equal values make it follows from its swaps and has to be reproduced swap by swap.
 */
export function torchTopK(values: ArrayLike<number>, k: number): number[] {
  const order = Array.from({ length: values.length }, (_, i) => i)
  const larger = (a: number, b: number) => values[order[a]!]! > values[order[b]!]!
  const swap = (a: number, b: number) => {
    const held = order[a]!
    order[a] = order[b]!
    order[b] = held
  }
  const medianToFront = (first: number, a: number, b: number, c: number) => {
    if (larger(a, b)) swap(first, larger(b, c) ? b : larger(a, c) ? c : a)
    else swap(first, larger(a, c) ? a : larger(b, c) ? c : b)
  }
  const partition = (first: number, last: number): number => {
    medianToFront(first, first + 1, first + ((last - first) >> 1), last - 1)
    let left = first + 1
    let right = last
    for (;;) {
      while (larger(left, first)) left++
      right--
      while (larger(first, right)) right--
      if (left >= right) return left
      swap(left, right)
      left++
    }
  }
  const insertionSort = (first: number, last: number) => {
    for (let i = first + 1; i < last; i++) {
      const held = order[i]!
      // An element larger than the first goes straight to the front, past its equals.
      const target = values[held]! > values[order[first]!]! ? first : undefined
      let j = i
      while (target === undefined ? values[held]! > values[order[j - 1]!]! : j > target) {
        order[j] = order[j - 1]!
        j--
      }
      order[j] = held
    }
  }
  let first = 0
  let last = order.length
  while (last - first > 3) {
    const cut = partition(first, last)
    if (cut <= k - 1) first = cut
    else last = cut
  }
  insertionSort(first, last)
  return order.slice(0, k).sort((a, b) => values[b]! - values[a]!)
}

/**
 * The prompts that most images of a batch picked, as PILOT (and the original L2P code) lets a batch vote; ties fall as
 * they fall in PILOT on a CPU.
 * @param picks every image's picks, one after the other
 * @returns `count` ids, most votes first
 */
export function mostVoted(picks: ArrayLike<number>, poolSize: number, count: number): number[] {
  const votes = new Map<number, number>()
  for (const id of Array.from(picks).sort((a, b) => a - b)) votes.set(id, (votes.get(id) ?? 0) + 1)
  const ids = [...votes.keys()]
  const counts = [...votes.values()]
  // torch.unique leaves out prompts that nobody picked; PILOT pads with the lowest id and no votes.
  while (ids.length < poolSize) {
    ids.push(ids[0]!)
    counts.push(0)
  }
  return torchTopK(counts, count).map((position) => ids[position]!)
}
