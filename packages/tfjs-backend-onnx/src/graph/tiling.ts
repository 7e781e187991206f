import { GraphBuilder } from './graph-builder'
import type { PendingGraph } from './pending-graph'
import { type Region, type Uses, counts, exportsOf, findRegions } from './regions'
import { scanOf } from './scan'
import { usersIn } from './users'
import { type Node, type Value, bytesOf } from './value'

/**
 * Measured nanoseconds: an element that stays in the cache saves, an element of a matrix that every part of a product
 * reads anew costs, and so does one more node. Most of it is reordering the matrix, which is done once for a constant; but a
 * large one also has to come through the cache again for every part.
 */
const nanoseconds = {
  keep: 0.35,
  read: (matrix: Value, isConstant: boolean) => {
    if (bytesOf(matrix) > 2 ** 20) return 0.65
    return isConstant ? 0.03 : 0.2
  },
  node: 6000,
}

interface Plan {
  region: Region
  /** In how many parts. */
  chunks: number
  /** Estimated nanoseconds. */
  saved: number
}

/**
 * Runs chains of row-wise operations on wide tensors, such as a transformer's MLP and its gradient, a few rows at a
 * time: as a Scan, whose body's tensors stay in the cache, and which copies neither its inputs nor its outputs. What ONNX
 * Runtime would otherwise do is to send every tensor through main memory once per operation.
 */
export function tile(graph: PendingGraph, threads: number): PendingGraph {
  const uses: Uses = { by: usersIn(graph.nodes), outputs: new Set(graph.outputs) }
  const constants = new Set(graph.frozen)
  const plans = findRegions(graph.nodes, uses, threads)
    .map((region) => bestPlan(region, uses, constants, threads))
    .filter(({ saved }) => saved > 0)
  if (plans.length === 0) return graph
  const maker = new GraphBuilder(graph)
  const units = new Map<Node, Node[]>()
  for (const { region, chunks } of plans) {
    const scan = scanOf(region, chunks, uses, maker)
    for (const { node } of region.members) units.set(node, scan)
  }
  const nodes = inOrder(graph.nodes, units)
  const used = inputsOf(nodes)
  // Shapes of reshapes that a region does without; ONNX Runtime warns of each.
  return { ...graph, nodes, constants: maker.constants.filter((v) => used.has(v)) }
}

/** All values that nodes use, those in bodies included. */
function inputsOf(nodes: readonly Node[], found = new Set<Value>()): Set<Value> {
  for (const { inputs, attributes } of nodes) {
    for (const v of inputs) found.add(v)
    const body = attributes?.body
    if (typeof body === 'object' && 'body' in body) inputsOf(body.body.nodes, found)
  }
  return found
}

/** All nodes, those of a unit at once, each after what it needs. */
function inOrder(nodes: readonly Node[], units: Map<Node, Node[]>): Node[] {
  const sorted: Node[] = []
  const done = new Set<Node | Node[]>()
  const members = new Map<Node[], Node[]>()
  // What other nodes make may be an input of the graph.
  const own = new Set(nodes)
  const isMadeHere = (v: Value) => v.node !== null && own.has(v.node)
  for (const [node, unit] of units) members.set(unit, [...(members.get(unit) ?? []), node])
  const visit = (node: Node): void => {
    const unit = units.get(node)
    if (done.has(unit ?? node)) return
    done.add(unit ?? node)
    const together = unit === undefined ? [node] : members.get(unit)!
    for (const { inputs } of together) {
      for (const v of inputs.filter(isMadeHere)) if (unit === undefined || units.get(v.node!) !== unit) visit(v.node!)
    }
    sorted.push(...(unit ?? [node]))
  }
  nodes.forEach(visit)
  return sorted
}

/** The number of parts that saves most. */
function bestPlan(region: Region, uses: Uses, constants: ReadonlySet<Value>, threads: number): Plan {
  const outside = new Set(exportsOf(region, uses))
  let kept = 0
  let reading = 0
  for (const { node, rule } of region.members) {
    for (const v of node.outputs) {
      // Reshapes copy nothing.
      if (!rule.isAlias && !outside.has(v)) kept += v.size
    }
    const matrix = rule.packs
    if (matrix !== null) reading += matrix.size * nanoseconds.read(matrix, constants.has(matrix))
  }
  const best: Plan = { region, chunks: 1, saved: 0 }
  for (const chunks of counts(region.common, region.widest, threads)) {
    const costs = (chunks - 1) * reading + chunks * region.members.length * nanoseconds.node
    const saved = kept * nanoseconds.keep - costs
    if (saved > best.saved) Object.assign(best, { chunks, saved })
  }
  return best
}
