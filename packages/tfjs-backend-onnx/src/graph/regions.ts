import { rowAxisOf } from './operations'
import type { RowAxis } from './row-axis'
import { type Node, type Value, bytesOf } from './value'

/** Tensors below this many bytes a thread stay in a core's cache on their own. */
const wideBytes = 2 * 2 ** 20
/** A chunk's widest tensor, bytes a thread: large enough for products to be efficient, small enough for the cache. */
const chunkBytes = { least: 96 * 1024, most: 1.6 * 2 ** 20 }
export interface Member {
  node: Node
  rule: RowAxis
}

/** Row-wise nodes that hand tensors on to each other, in order of recording. */
export interface Region {
  members: Member[]
  isOpen: boolean
  /** What the count of parts must divide. */
  common: number
  /** Bytes of the widest tensor. */
  widest: number
}

/** Who uses what a graph's nodes make. */
export interface Uses {
  by: Map<Value, Node[]>
  outputs: Set<Value>
}

/**
 * Row-wise nodes that work on wide tensors or on what such nodes made. All of a region runs at once: so nothing joins it
 * that needs, by way of a node outside, one of its values.
 */
export function findRegions(nodes: readonly Node[], uses: Uses, threads: number): Region[] {
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
    const rule = rowAxisOf(node)
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
 * Takes into a region what is computed for it alone, of what it does not make itself, such as the normalised rows of which a
 * gradient is made after the forward pass has ended.
 */
function prepend(nodes: readonly Node[], home: Map<Node, Region>, uses: Uses, threads: number): void {
  // Backwards, so that what follows in a region comes after what it needs.
  for (const node of [...nodes].reverse()) {
    if (home.has(node) || node.outputs.some((v) => uses.outputs.has(v))) continue
    const users = node.outputs.flatMap((v) => uses.by.get(v) ?? [])
    const region = users[0] && home.get(users[0])
    if (region === undefined || users.some((user) => home.get(user) !== region)) continue
    if (node.inputs.some((v) => v.node !== null && home.get(v.node) === region)) continue
    const isCut = (user: Node) => user.inputs.every((v, i) => v.node !== node || rowAxisOf(user)!.rows[i])
    if (!users.every(isCut)) continue
    const rule = rowAxisOf(node)
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

const measures = (node: Node, { leading }: RowAxis) => ({
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
export function counts(common: number, widest: number, threads: number): number[] {
  const found: number[] = []
  const bytes = widest / threads
  for (let n = 2; n <= Math.min(common, bytes / chunkBytes.least); n++) {
    if (common % n === 0 && bytes / n <= chunkBytes.most) found.push(n)
  }
  return found
}

const greatestCommonDivisor = (a: number, b: number): number => (b === 0 ? a : greatestCommonDivisor(b, a % b))

/** The values of a region that something outside of it needs. */
export function exportsOf({ members }: Region, uses: Uses): Value[] {
  const own = new Set(members.map(({ node }) => node))
  return members
    .flatMap(({ node }) => node.outputs)
    .filter((v) => uses.outputs.has(v) || (uses.by.get(v) ?? []).some((user) => !own.has(user)))
}
