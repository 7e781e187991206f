import type { BatchAxis } from './batch-axis'
import { type Division, axisOf } from './batch-division'
import { GraphBuilder } from './graph-builder'
import type { PendingGraph } from './pending-graph'
import { type Node, type Value, bytesOf } from './value'

/** A graph as two: what every thread computes of its part of the batch, and what is left to do with all parts together. */
export interface BatchSplit {
  /** How many parts. */
  count: number
  each: PendingGraph
  /** The inputs of `each` that are parts, and what they are parts of. */
  cut: Map<Value, Value>
  /** For every output of `each`, what all threads' outputs make one after the other. */
  stacked: Value[]
  rest: PendingGraph | null
  /** Memory that the copies for other threads take, in bytes. */
  bytes: number
}

/** Carries a division out. */
export function divide(graph: PendingGraph, { states, rules, divisible }: Division): BatchSplit {
  const { count } = divisible
  const make = new GraphBuilder(graph)
  const partShape = (v: Value) => v.shape.map((d, i) => (i === axisOf(v) ? d / count : d))
  const cut = new Map<Value, Value>()
  const parts = new Map<Value, Value>()
  const body: Node[] = []
  const add = (node: Node): void => {
    for (const v of node.outputs) v.node = node
    body.push(node)
  }
  const compute = (node: Node, rule: BatchAxis): void => {
    const made = node.outputs.map((v) => make.value(rule.gives === 'part' ? partShape(v) : v.shape, v.dtype))
    const inputs = node.inputs.map((v, i) => {
      if (i === rule.shapeInput) return make.int64s(made[0]!.shape)
      return rule.isPart[i] ? partOf(v, node.kernel) : v
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
    const part = make.value(partShape(v), v.dtype)
    parts.set(v, part)
    if (v.node === null) cut.set(part, v)
    else {
      const range = [0, part.shape[axisOf(v)]!, axisOf(v)].map((n) => make.int64s([n]))
      add(make.node(kernel, 'Slice', [v, ...range], [part]))
    }
    return part
  }

  const isInParts = (v: Value) => states.has(v) && states.get(v) !== 'late'
  const exported = new Set(graph.outputs.filter(isInParts))
  for (const node of graph.nodes) {
    const rule = rules.get(node)
    if (rule !== undefined) compute(node, rule)
    else if (states.has(node.outputs[0]!)) for (const v of node.inputs.filter(isInParts)) exported.add(v)
    // What does not depend on the batch may be needed by both.
    else body.push(node)
  }

  const after: Node[] = []
  const stacked = [...exported].map((v) => {
    if (states.get(v) === 'part') return v
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
  const left = graph.outputs.filter((v) => states.get(v) !== 'part')
  const made = [...exported].map((v) => parts.get(v)!)
  const each = restricted(graph, make, body, [...cut.keys()], made)
  const rest = left.length === 0 ? null : restricted(graph, make, after, stacked, left)
  const copied = [...each.leaves.map((v) => cut.get(v) ?? v), ...stacked, ...each.frozen]
  return { count, each, cut, stacked, rest, bytes: 2 * (count - 1) * copied.reduce((sum, v) => sum + bytesOf(v), 0) }
}

/** What some of the nodes make of the graph's leaves and of `more`, as a graph of its own. */
function restricted(
  graph: PendingGraph,
  make: GraphBuilder,
  all: Node[],
  more: Value[],
  outputs: Value[],
): PendingGraph {
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
