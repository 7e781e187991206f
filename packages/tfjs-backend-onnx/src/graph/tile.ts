import type { PendingGraph } from '../sessions'
import { Maker } from './maker'
import { usersIn } from './users'
import { type Attributes, type Node, type Value, bytesOf, sizeOf } from './value'
import { type RowWise, rowWise } from './row-wise'

/** Tensors below this many bytes a thread stay in a core's cache on their own. */
const wideBytes = 2 * 2 ** 20
/** A chunk's widest tensor, bytes a thread: large enough for products to be efficient, small enough for the cache. */
const chunkBytes = { least: 96 * 1024, most: 1.6 * 2 ** 20 }
/**
 * Measured nanoseconds: an element that stays in the cache saves, an element of a matrix that every part of a product
 * reads anew costs, and so does one more node. Most of it is reordering the matrix, which is done once for a constant; but a large one also has to come
 * through the cache again for every part.
 */
const nanoseconds = {
  keep: 0.35,
  read: (matrix: Value, isConstant: boolean) => {
    if (bytesOf(matrix) > 2 ** 20) return 0.65
    return isConstant ? 0.03 : 0.2
  },
  node: 6000,
}

interface Member {
  node: Node
  rule: RowWise
}

/** Row-wise nodes that hand tensors on to each other, in order of recording. */
interface Region {
  members: Member[]
  isOpen: boolean
  /** What the count of parts must divide. */
  common: number
  /** Bytes of the widest tensor. */
  widest: number
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
  const maker = new Maker(graph)
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

/**
 * Row-wise nodes that work on wide tensors or on what such nodes made. All of a region runs at once: so nothing joins it
 * that needs, by way of a node outside, one of its values.
 */
function findRegions(nodes: readonly Node[], uses: Uses, threads: number): Region[] {
  const limit = wideBytes * threads
  const isWide = (v: Value) => v.dtype === 'float32' && bytesOf(v) >= limit
  const regions = new Set<Region>()
  const home = new Map<Node, Region>()
  /** The open regions that a node outside of all regions depends on. */
  const needs = new Map<Node, Set<Region>>()
  const absorb = (region: Region, other: Region): void => {
    append(region, other)
    regions.delete(other)
    for (const { node } of other.members) home.set(node, region)
    for (const set of needs.values()) if (set.has(other)) set.add(region)
  }
  for (const node of nodes) {
    const rule = rowWise(node)
    const direct = new Set<Region>()
    const indirect = new Set<Region>()
    node.inputs.forEach((v, i) => {
      if (v.node === null) return
      const producer = home.get(v.node)
      if (producer === undefined) for (const r of needs.get(v.node) ?? []) indirect.add(r)
      else (rule?.rows[i] ? direct : indirect).add(producer)
    })
    let region: Region | undefined
    if (rule !== null) {
      const single: Region = { members: [{ node, rule }], isOpen: true, ...measures(node, rule) }
      const joinable = [...direct].filter((r) => r.isOpen && !indirect.has(r) && fit(r, single, threads))
      for (const other of joinable) {
        if (region === undefined) region = other
        else if (fit(region, other, threads)) absorb(region, other)
      }
      if (region !== undefined) append(region, single)
      else if (node.outputs.some(isWide)) {
        closeOldest(regions)
        regions.add((region = single))
      }
      if (region !== undefined) home.set(node, region)
    }
    const others = [...direct, ...indirect].filter((r) => r.isOpen && regions.has(r) && r !== region)
    if (region === undefined) needs.set(node, new Set(others))
    // A region waits for those it needs: they must not come to need it.
    else for (const other of others) other.isOpen = false
  }
  prepend(nodes, home, uses, threads)
  return [...regions]
}

/**
 * Takes into a region what is computed for it alone, of what it does not make itself, such as the normalised rows of which a gradient
 * is made after the forward pass has ended.
 */
function prepend(nodes: readonly Node[], home: Map<Node, Region>, uses: Uses, threads: number): void {
  // Backwards, so that what follows in a region comes after what it needs.
  for (const node of [...nodes].reverse()) {
    if (home.has(node) || node.outputs.some((v) => uses.outputs.has(v))) continue
    const users = node.outputs.flatMap((v) => uses.by.get(v) ?? [])
    const region = users[0] && home.get(users[0])
    if (region === undefined || users.some((user) => home.get(user) !== region)) continue
    if (node.inputs.some((v) => v.node !== null && home.get(v.node) === region)) continue
    const isCut = (user: Node) => user.inputs.every((v, i) => v.node !== node || rowWise(user)!.rows[i])
    if (!users.every(isCut)) continue
    const rule = rowWise(node)
    if (rule === null || rule.packs !== null) continue
    const single: Region = { members: [{ node, rule }], isOpen: false, ...measures(node, rule) }
    if (!fit(region, single, threads)) continue
    append(region, single)
    region.members.unshift(region.members.pop()!)
    home.set(node, region)
  }
}

/** Bounds the work: what waits longest for a member is not likely to get one. */
function closeOldest(regions: Set<Region>): void {
  const open = [...regions].filter((r) => r.isOpen)
  if (open.length >= 32) open[0]!.isOpen = false
}

const measures = (node: Node, { leading }: RowWise) => ({
  common: leading.reduce(greatestCommonDivisor),
  widest: Math.max(...node.outputs.map(bytesOf)),
})

/** Whether some count of parts suits both. */
const fit = (a: Region, b: Region, threads: number): boolean =>
  counts(greatestCommonDivisor(a.common, b.common), Math.max(a.widest, b.widest), threads).length > 0

function append(region: Region, { members, common, widest }: Region): void {
  region.members.push(...members)
  region.common = greatestCommonDivisor(region.common, common)
  region.widest = Math.max(region.widest, widest)
}

/** The numbers of parts that can be: divisors of `common` with which the widest tensor's parts have a good size. */
function counts(common: number, widest: number, threads: number): number[] {
  const found: number[] = []
  const bytes = widest / threads
  for (let n = 2; n <= Math.min(common, bytes / chunkBytes.least); n++) {
    if (common % n === 0 && bytes / n <= chunkBytes.most) found.push(n)
  }
  return found
}

interface Uses {
  by: Map<Value, Node[]>
  outputs: Set<Value>
}

/** The values of a region that something outside of it needs. */
function exportsOf({ members }: Region, uses: Uses): Value[] {
  const own = new Set(members.map(({ node }) => node))
  return members
    .flatMap(({ node }) => node.outputs)
    .filter((v) => uses.outputs.has(v) || (uses.by.get(v) ?? []).some((user) => !own.has(user)))
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

const greatestCommonDivisor = (a: number, b: number): number => (b === 0 ? a : greatestCommonDivisor(b, a % b))

/** The nodes that compute a region in `chunks` parts. */
function scanOf(region: Region, chunks: number, uses: Uses, make: Maker): Node[] {
  const { kernel } = region.members[0]!.node
  const before: Node[] = []
  const after: Node[] = []
  const body: Node[] = []
  const bodyInputs: Value[] = []
  const scanInputs: Value[] = []
  /** Inside the body: the part of a value. Outside: what a part is cut from, or put into. */
  const parts = new Map<Value, Value>()
  const stacks = new Map<Value, Value>()

  const enter = (v: Value): Value => {
    const shape = [sizeOf(v.shape) / chunks]
    const stacked = make.value([chunks, ...shape], v.dtype)
    before.push(make.reshape(kernel, v, stacked))
    const part = make.value(shape, v.dtype)
    scanInputs.push(stacked)
    bodyInputs.push(part)
    parts.set(v, part)
    stacks.set(part, stacked)
    return part
  }
  const shaped = new Map<string, Value>()
  /** A part in the shape that an operation wants. */
  const partOf = (v: Value, shape: readonly number[]): Value => {
    const part = parts.get(v) ?? enter(v)
    if (part.shape.join() === shape.join()) return part
    const key = `${part.slot}:${shape.join()}`
    let view = shaped.get(key)
    if (view === undefined) {
      view = make.value(shape, v.dtype)
      body.push(make.reshape(kernel, part, view))
      shaped.set(key, view)
    }
    return view
  }

  for (const { node, rule } of region.members) {
    if (rule.isAlias) {
      parts.set(node.outputs[0]!, parts.get(node.inputs[0]!) ?? enter(node.inputs[0]!))
      continue
    }
    const inputs = node.inputs.map((v, j) => (rule.rows[j] ? partOf(v, rule.inputShape(v, chunks)) : v))
    const outputs = node.outputs.map((v) => {
      const part = make.value(rule.outputShape(v, chunks), v.dtype)
      parts.set(v, part)
      return part
    })
    body.push(make.node(node.kernel, node.op, inputs, outputs, rule.attributes(node), node.domain))
  }

  const bodyOutputs: Value[] = []
  const stackedOutputs: Value[] = []
  for (const v of exportsOf(region, uses)) {
    const part = parts.get(v)!
    let stacked = stacks.get(part)
    if (stacked === undefined) {
      stacked = make.value([chunks, ...part.shape], v.dtype)
      stacks.set(part, stacked)
      bodyOutputs.push(part)
      stackedOutputs.push(stacked)
    }
    after.push(make.reshape(kernel, stacked, v))
  }
  const attributes: Attributes = {
    num_scan_inputs: scanInputs.length,
    body: { body: { nodes: body, inputs: bodyInputs, outputs: bodyOutputs } },
  }
  return [...before, make.node(kernel, 'Scan', scanInputs, stackedOutputs, attributes), ...after]
}
