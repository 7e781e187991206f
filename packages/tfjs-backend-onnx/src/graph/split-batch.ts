import { type Division, Divisible, classify, isCuttable } from './batch-division'
import { type BatchSplit, divide } from './batch-parts'
import { nanoseconds } from './cost'
import { costOf } from './operations'
import type { PendingGraph } from './pending-graph'
import { usersIn } from './users'
import { type Value, bytesOf } from './value'

/** Measured nanoseconds that it takes threads to meet. */
const meeting = 200_000
/** What parts were measured to save of the time that operations take which split among threads one by one. */
const saving = 0.12
/** Memory that the other threads' copies of what is no part of the batch take at most, in bytes for all of them. */
const copyBytes = 2 ** 29

/**
 * Lets every thread run the whole chain of operations on its own part of the batch, where otherwise all would work on every
 * single operation together and wait for each other after it. Where the batch does not divide by the threads, a few of them work
 * on a part together. Null where neither is possible, or pays.
 *
 * Which tensors have the batch along their first axis is not known, and need not be: any input whose cutting in equal parts
 * carries through most of the work is as good.
 */
export function splitBatch(graph: PendingGraph, threads: number): BatchSplit | null {
  const total = graph.nodes.reduce((sum, node) => sum + costOf(node), 0)
  const worth = (inParts: number) => (saving * inParts) / threads
  if (worth(total) < meeting) return null
  for (let count = threads; count >= 2; count--) {
    if (threads % count !== 0) continue
    const found = bestDivision(graph, count, total)
    if (found === null || worth(found.inParts) < meeting) continue
    const split = divide(graph, found)
    if (worth(found.inParts) > spent(graph, split)) return split
  }
  return null
}

/** The division that has most in parts, whether it pays or not; null if there is none. */
export function splitBatchAnyhow(graph: PendingGraph, count: number): BatchSplit | null {
  const found = bestDivision(graph, count, Infinity)
  return found && divide(graph, found)
}

/** Tries every input; stops at one with which nearly all of `total` is computed in parts. */
function bestDivision(graph: PendingGraph, count: number, total: number): Division | null {
  const divisible = new Divisible(count)
  const users = usersIn(graph.nodes)
  let best: Division | null = null
  for (const seed of graph.leaves) {
    if (!isCuttable(seed, count)) continue
    const found = classify(graph, users, seed, divisible)
    if (found.inParts > (best?.inParts ?? 0)) best = found
    if (found.inParts > 0.9 * total) break
  }
  return best
}

/** What is lost: copies for the other threads, and what all of them compute although one could. */
function spent(graph: PendingGraph, { count, each, cut, stacked }: BatchSplit): number {
  const own = new Set(graph.nodes)
  const repeated = each.nodes.filter((node) => own.has(node)).reduce((sum, node) => sum + costOf(node), 0)
  const total = (values: readonly Value[]) => values.reduce((sum, v) => sum + bytesOf(v), 0)
  const ofOthers = ((count - 1) / count) * total([...cut.values(), ...stacked])
  const fed = total(each.leaves.filter((v) => !cut.has(v)))
  const copied = ofOthers + fed
  // what is fed lies on the desk between the threads, and beside each of them
  if ((count - 1) * (reorderedBytes(each) + fed) + fed > copyBytes) return Infinity
  return meeting + repeated + 2 * copied * nanoseconds.byte
}

/** What a graph's constants take: every product has its matrix in an order of its own. */
export function reorderedBytes({ nodes, frozen }: PendingGraph): number {
  const constants = new Set(frozen)
  const uses = nodes.flatMap(({ inputs }) => inputs.filter((v) => constants.has(v)))
  return uses.reduce((sum, v) => sum + bytesOf(v), 0)
}
