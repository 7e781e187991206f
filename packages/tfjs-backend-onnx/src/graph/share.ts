import type { PendingGraph } from '../sessions'
import { type BatchWise, batchWise, hasEqualRows } from './batch-wise'
import { Maker } from './maker'
import { usersIn } from './users'
import { type Node, type Value, bytesOf, sizeOf } from './value'

/** A graph as two: what every thread computes of its share of the batch, and what is left to do with all shares together. */
export interface Sharing {
  /** How many shares. */
  count: number
  each: PendingGraph
  /** The inputs of `each` that are shares, and what they are shares of. */
  cut: Map<Value, Value>
  /** For every output of `each`, what all threads' outputs make one after the other. */
  stacked: Value[]
  rest: PendingGraph | null
  /** Memory that the copies for other threads take, in bytes. */
  bytes: number
}

/** What a value that depends on the batch is, as in BatchWise; `late`: to be computed when all shares are done. Others are the same for all. */
type State = BatchWise['gives'] | 'late'

interface Classification {
  states: Map<Value, State>
  rules: Map<Node, BatchWise>
  divisible: Divisible
  /** Estimated nanoseconds of the nodes that are shared, on one thread. */
  shared: number
}

/** Measured nanoseconds of one thread: a multiplication in a product, an element of anything else, a node, a byte copied. */
const nanoseconds = { multiplication: 0.015, element: 0.4, node: 3000, byte: 0.2, meeting: 200_000 }
/** What shares were measured to save of the time that operations take which split among threads one by one. */
const saving = 0.12
/** Memory that the other threads' constants take at most, in bytes for all of them. */
const constantBytes = 2 ** 29

/**
 * Lets every thread run the whole chain of operations on its own share of the batch, where otherwise all would share every single
 * operation and wait for each other after it. Where the batch does not divide by the threads, a few of them work on a share together.
 * Null where neither is possible, or pays.
 *
 * Which tensors have the batch along their first axis is not known, and need not be: any input whose cutting in equal parts
 * carries through most of the work is as good.
 */
export function share(graph: PendingGraph, threads: number): Sharing | null {
  const total = graph.nodes.reduce((sum, node) => sum + costOf(node), 0)
  const worth = (shared: number) => (saving * shared) / threads
  if (worth(total) < nanoseconds.meeting) return null
  for (let count = threads; count >= 2; count--) {
    if (threads % count !== 0) continue
    const found = mostShared(graph, count, total)
    if (found === null || worth(found.shared) < nanoseconds.meeting) continue
    const sharing = divide(graph, found)
    if (worth(found.shared) > spent(graph, sharing)) return sharing
  }
  return null
}

/** The division that shares most, whether it pays or not; null if nothing can be shared. */
export function shareAnyhow(graph: PendingGraph, count: number): Sharing | null {
  const found = mostShared(graph, count, Infinity)
  return found && divide(graph, found)
}

/** Tries every input; stops at one with which nearly all of `total` is shared. */
function mostShared(graph: PendingGraph, count: number, total: number): Classification | null {
  const divisible = new Divisible(count)
  const users = usersIn(graph.nodes)
  let best: Classification | null = null
  for (const seed of graph.leaves) {
    if (!isCuttable(seed, count)) continue
    const found = classify(graph, users, seed, divisible)
    if (found.shared > (best?.shared ?? 0)) best = found
    if (found.shared > 0.9 * total) break
  }
  return best
}

function costOf({ op, inputs, outputs }: Node): number {
  const { size } = outputs[0]!
  if (op === 'Reshape') return 0
  const passes = outputs.reduce((sum, v) => sum + v.size, 0) * nanoseconds.element + nanoseconds.node
  if (op === 'Conv' || op === 'ConvTranspose')
    return passes + (size * inputs[1]!.size * nanoseconds.multiplication) / inputs[1]!.shape[0]!
  if (!['MatMul', 'FusedMatMul', 'Gemm'].includes(op)) return passes
  const [a, b] = inputs as [Value, Value]
  // Both operands' elements are multiplied as often as the output has columns or rows: √(a·b·y) multiplications a pair of matrices.
  const matrices = Math.max(1, sizeOf(outputs[0]!.shape.slice(0, -2)))
  const elements = (v: Value) => sizeOf(v.shape.slice(-2))
  const multiplications = matrices * Math.sqrt(elements(a) * elements(b) * elements(outputs[0]!))
  return passes + multiplications * nanoseconds.multiplication
}

/** What is lost: copies for the other threads, and what all of them compute although one could. */
function spent(graph: PendingGraph, { count, each, cut, stacked }: Sharing): number {
  const own = new Set(graph.nodes)
  const repeated = each.nodes.filter((node) => own.has(node)).reduce((sum, node) => sum + costOf(node), 0)
  const total = (values: readonly Value[]) => values.reduce((sum, v) => sum + bytesOf(v), 0)
  const ofOthers = ((count - 1) / count) * total([...cut.values(), ...stacked])
  const copied = ofOthers + total(each.leaves.filter((v) => !cut.has(v)))
  if ((count - 1) * reorderedBytes(each) > constantBytes) return Infinity
  return nanoseconds.meeting + repeated + 2 * copied * nanoseconds.byte
}

/** What a graph's constants take: every product has its matrix in an order of its own. */
function reorderedBytes({ nodes, frozen }: PendingGraph): number {
  const constants = new Set(frozen)
  const uses = nodes.flatMap(({ inputs }) => inputs.filter((v) => constants.has(v)))
  return uses.reduce((sum, v) => sum + bytesOf(v), 0)
}

/** The axis along which a value is cut: before it there are only axes of length 1, so that shares lie together in memory. */
const axisOf = ({ shape }: Value): number => shape.findIndex((d) => d !== 1)

const isDivisible = (v: Value, count: number): boolean => axisOf(v) >= 0 && v.shape[axisOf(v)]! % count === 0

/** Whether everybody can get a share of a value that comes from outside. */
const isCuttable = (v: Value, count: number): boolean =>
  v.node === null && v.constant === null && !v.storage!.isFrozen && isDivisible(v, count)

/** Rules are about the first axis; reshapes may put others before it, and so do groups. */
const suits = (v: Value, { op }: Node, { groups }: BatchWise): boolean =>
  op === 'Reshape' || groups !== undefined || axisOf(v) === 0

/** Whether what a node makes can be divided. */
const makesShares = ({ outputs }: Node, { groups }: BatchWise, count: number): boolean =>
  (groups ?? count) % count === 0 && outputs.every((v) => isDivisible(v, count))

/** Which values can be had as shares although they do not depend on what has been cut so far. */
class Divisible {
  private readonly known = new Map<Node, BatchWise | null>()
  private readonly equal = new Map<Value, boolean>()

  constructor(readonly count: number) {}

  /** Whether everybody can get or compute a share. */
  has(v: Value): boolean {
    if (v.node === null) return isCuttable(v, this.count)
    const hasRows = isDivisible(v, this.count) && axisOf(v) === 0
    return (hasRows && hasEqualRows(v, this.equal)) || this.rule(v.node) !== null
  }

  /** How a node computes its shares from those of its inputs, if it can. */
  rule(node: Node): BatchWise | null {
    let rule = this.known.get(node)
    if (rule !== undefined) return rule
    rule = batchWise(node)
    const isPossible =
      rule?.gives === 'share' &&
      makesShares(node, rule, this.count) &&
      node.inputs.every((v, i) => !rule!.isShare[i] || (suits(v, node, rule!) && this.has(v)))
    if (!isPossible) rule = null
    this.known.set(node, rule)
    return rule
  }
}

/** Follows the shares of `seed` through the graph. */
function classify(
  { nodes }: PendingGraph,
  users: Map<Value, Node[]>,
  seed: Value,
  divisible: Divisible,
): Classification {
  const states = new Map<Value, State>()
  const rules = new Map<Node, BatchWise>()
  const canBeShare = (v: Value) => (states.has(v) ? states.get(v) === 'share' : divisible.has(v))
  const touched = new Set(users.get(seed))
  const set = (node: Node, state: State) => {
    for (const v of node.outputs) {
      states.set(v, state)
      for (const user of users.get(v) ?? []) touched.add(user)
    }
  }
  let shared = 0
  for (const node of nodes) {
    if (!touched.has(node)) continue
    const known = node.inputs.map((v) => states.get(v))
    const isLate = known.some((state) => state !== undefined && state !== 'share')
    const depends = known.includes('share')
    const rule = isLate ? null : batchWise(node)
    const fits =
      rule !== null &&
      node.inputs.every((v, i) =>
        rule.isShare[i] ? canBeShare(v) && suits(v, node, rule) : states.get(v) !== 'share',
      ) &&
      (rule.gives !== 'share' || makesShares(node, rule, divisible.count))
    if (fits && (depends || rule.isShare[node.inputs.indexOf(seed)])) {
      rules.set(node, rule)
      set(node, rule.gives)
      shared += costOf(node)
    } else if (isLate || depends) set(node, 'late')
  }
  return { states, rules, divisible, shared }
}

function divide(graph: PendingGraph, { states, rules, divisible }: Classification): Sharing {
  const { count } = divisible
  const make = new Maker(graph)
  const shareShape = (v: Value) => v.shape.map((d, i) => (i === axisOf(v) ? d / count : d))
  const cut = new Map<Value, Value>()
  const parts = new Map<Value, Value>()
  const body: Node[] = []
  const add = (node: Node): void => {
    for (const v of node.outputs) v.node = node
    body.push(node)
  }
  const compute = (node: Node, rule: BatchWise): void => {
    const made = node.outputs.map((v) => make.value(rule.gives === 'share' ? shareShape(v) : v.shape, v.dtype))
    const inputs = node.inputs.map((v, i) => {
      if (i === rule.shapeInput) return make.int64s(made[0]!.shape)
      return rule.isShare[i] ? partOf(v, node.kernel) : v
    })
    node.outputs.forEach((v, i) => parts.set(v, made[i]!))
    const grouped = rule.groups === undefined ? {} : { attributes: { ...node.attributes, group: rule.groups / count } }
    add({ ...node, ...grouped, inputs, outputs: made })
  }
  const partOf = (v: Value, kernel: string): Value => {
    const known = parts.get(v)
    if (known !== undefined) return known
    const rule = v.node === null ? null : divisible.rule(v.node)
    if (rule !== null) {
      compute(v.node!, rule)
      return parts.get(v)!
    }
    const part = make.value(shareShape(v), v.dtype)
    parts.set(v, part)
    if (v.node === null) cut.set(part, v)
    else {
      const range = [0, part.shape[axisOf(v)]!, axisOf(v)].map((n) => make.int64s([n]))
      add(make.node(kernel, 'Slice', [v, ...range], [part]))
    }
    return part
  }

  const isShared = (v: Value) => states.has(v) && states.get(v) !== 'late'
  const exported = new Set(graph.outputs.filter(isShared))
  for (const node of graph.nodes) {
    const rule = rules.get(node)
    if (rule !== undefined) compute(node, rule)
    else if (states.has(node.outputs[0]!)) for (const v of node.inputs.filter(isShared)) exported.add(v)
    // What does not depend on the batch may be needed by both.
    else body.push(node)
  }

  const after: Node[] = []
  const stacked = [...exported].map((v) => {
    if (states.get(v) === 'share') return v
    const all = make.value([count, ...v.shape], v.dtype)
    const { kernel } = v.node!
    after.push(
      states.get(v) === 'sum'
        ? make.node(kernel, 'ReduceSum', [all, make.int64s([0])], [v], { keepdims: 0 })
        : make.node(kernel, 'ReduceMean', [all], [v], { axes: [0], keepdims: 0 }),
    )
    return all
  })
  after.push(...graph.nodes.filter((node) => !rules.has(node)))
  const left = graph.outputs.filter((v) => states.get(v) !== 'share')
  const shares = [...exported].map((v) => parts.get(v)!)
  const each = restricted(graph, make, body, [...cut.keys()], shares)
  const rest = left.length === 0 ? null : restricted(graph, make, after, stacked, left)
  const copied = [...each.leaves.map((v) => cut.get(v) ?? v), ...stacked, ...each.frozen]
  return { count, each, cut, stacked, rest, bytes: 2 * (count - 1) * copied.reduce((sum, v) => sum + bytesOf(v), 0) }
}

/** What some of the nodes make of the graph's leaves and of `more`, as a graph of its own. */
function restricted(graph: PendingGraph, make: Maker, all: Node[], more: Value[], outputs: Value[]): PendingGraph {
  const used = new Set(outputs)
  const nodes: Node[] = []
  for (const node of all.reverse()) {
    if (!node.outputs.some((v) => used.has(v))) continue
    nodes.push(node)
    for (const v of node.inputs) used.add(v)
  }
  const isUsed = (v: Value) => used.has(v)
  return {
    nodes: nodes.reverse(),
    leaves: [...graph.leaves, ...more].filter(isUsed),
    frozen: graph.frozen.filter(isUsed),
    constants: make.constants.filter(isUsed),
    outputs,
    signature: graph.signature,
  }
}
