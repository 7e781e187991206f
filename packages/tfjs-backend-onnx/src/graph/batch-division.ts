import type { BatchAxis } from './batch-axis'
import { hasEqualRows } from './equal-rows'
import { batchAxisOf, costOf } from './operations'
import type { PendingGraph } from './pending-graph'
import type { Node, Value } from './value'

/**
 * What a value that depends on the batch is, as in BatchAxis; `late`: to be computed when all parts are done. Others are the same
 * for all.
 */
export type State = BatchAxis['gives'] | 'late'

/** What becomes of a graph when one of its inputs is cut. */
export interface Division {
  states: Map<Value, State>
  rules: Map<Node, BatchAxis>
  divisible: Divisible
  /** Estimated nanoseconds of the nodes that are computed in parts, on one thread. */
  inParts: number
}

/** The axis along which a value is cut: before it there are only axes of length 1, so that parts lie together in memory. */
export const axisOf = ({ shape }: Value): number => shape.findIndex((d) => d !== 1)

const isDivisible = (v: Value, count: number): boolean => axisOf(v) >= 0 && v.shape[axisOf(v)]! % count === 0

/** Whether everybody can get a part of a value that comes from outside. */
export const isCuttable = (v: Value, count: number): boolean =>
  v.node === null && v.constant === null && !v.storage!.isFrozen && isDivisible(v, count)

/** Rules are about the first axis; reshapes may put others before it, and so do groups. */
const suits = (v: Value, { op }: Node, { groups }: BatchAxis): boolean =>
  op === 'Reshape' || groups !== undefined || axisOf(v) === 0

/** Whether what a node makes can be divided. */
const makesParts = ({ outputs }: Node, { groups }: BatchAxis, count: number): boolean =>
  (groups ?? count) % count === 0 && outputs.every((v) => isDivisible(v, count))

/** Which values can be had in parts although they do not depend on what has been cut so far. */
export class Divisible {
  private readonly known = new Map<Node, BatchAxis | null>()
  private readonly equal = new Map<Value, boolean>()

  constructor(readonly count: number) {}

  /** Whether everybody can get or compute a part. */
  has(v: Value): boolean {
    if (v.node === null) return isCuttable(v, this.count)
    const hasRows = isDivisible(v, this.count) && axisOf(v) === 0
    return (hasRows && hasEqualRows(v, this.equal)) || this.rule(v.node) !== null
  }

  /** How a node computes its parts from those of its inputs, if it can. */
  rule(node: Node): BatchAxis | null {
    let rule = this.known.get(node)
    if (rule !== undefined) return rule
    rule = batchAxisOf(node)
    const isPossible =
      rule?.gives === 'part' &&
      makesParts(node, rule, this.count) &&
      node.inputs.every((v, i) => !rule!.isPart[i] || (suits(v, node, rule!) && this.has(v)))
    if (!isPossible) rule = null
    this.known.set(node, rule)
    return rule
  }
}

/** Follows the parts of `seed` through the graph. */
export function classify(
  { nodes }: PendingGraph,
  users: Map<Value, Node[]>,
  seed: Value,
  divisible: Divisible,
): Division {
  const states = new Map<Value, State>()
  const rules = new Map<Node, BatchAxis>()
  const canBePart = (v: Value) => (states.has(v) ? states.get(v) === 'part' : divisible.has(v))
  const touched = new Set(users.get(seed))
  const set = (node: Node, state: State) => {
    for (const v of node.outputs) {
      states.set(v, state)
      for (const user of users.get(v) ?? []) touched.add(user)
    }
  }
  let inParts = 0
  for (const node of nodes) {
    if (!touched.has(node)) continue
    const known = node.inputs.map((v) => states.get(v))
    const isLate = known.some((state) => state !== undefined && state !== 'part')
    const depends = known.includes('part')
    const rule = isLate ? null : batchAxisOf(node)
    const fits =
      rule !== null &&
      node.inputs.every((v, i) => (rule.isPart[i] ? canBePart(v) && suits(v, node, rule) : states.get(v) !== 'part')) &&
      (rule.gives !== 'part' || makesParts(node, rule, divisible.count))
    if (fits && (depends || rule.isPart[node.inputs.indexOf(seed)])) {
      rules.set(node, rule)
      set(node, rule.gives)
      inParts += costOf(node)
    } else if (isLate || depends) set(node, 'late')
  }
  return { states, rules, divisible, inParts }
}
