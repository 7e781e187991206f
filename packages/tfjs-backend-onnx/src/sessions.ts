import type { Device, Port } from './device/device'
import { type GraphDescription, encodeModel, nameOf } from './onnx/model'
import { tile } from './graph/tile'
import type { Node, Value } from './graph/value'

/** A graph about to run: reachable nodes, its leaves in order of first use, its wanted outputs. */
export interface PendingGraph {
  nodes: Node[]
  /** Stored values and soft constants. */
  leaves: Value[]
  /** Stored values that are part of the program: their elements never change. */
  frozen: Value[]
  constants: Value[]
  outputs: Value[]
  signature: Int32Array
}

interface Entry {
  signature: Int32Array
  program: number
  bytes: number
  /** Which leaves are fed; the others are soft constants baked in with the value they had. */
  fed: boolean[]
  baked: (string | null)[]
  used: number
}

export interface Program {
  id: number
  fed: readonly boolean[]
}

/**
 * So many of the latest runs keep their programs, whatever memory these hold: a loop that alternates between a few large ones
 * would otherwise build each of them again in every round.
 */
const LOOP_PROGRAMS = 8

const valueKey = (value: Value): string => value.constant!.data.join()

/** The programs built so far, by the structure of their graph; the least recently used go when memory is short. */
export class SessionCache {
  private readonly entries = new Map<number, Entry[]>()
  private clock = 0
  private nextProgram = 1
  bytes = 0
  count = 0
  evictions = 0
  respecialisations = 0

  constructor(
    private readonly device: Device,
    private readonly limitBytes: number,
    /** Compute threads whose caches graphs are cut for; 0: graphs stay as they are. */
    private readonly tilingThreads = 0,
  ) {}

  /** The program for a graph, built if its structure is new. */
  get(graph: PendingGraph): Program {
    const hash = hashOf(graph.signature)
    let list = this.entries.get(hash)
    if (list === undefined) this.entries.set(hash, (list = []))
    let entry = list.find((e) => equal(e.signature, graph.signature))
    if (entry === undefined) {
      entry = {
        signature: graph.signature,
        program: 0,
        bytes: estimateBytes(graph),
        fed: graph.leaves.map((v) => v.constant === null),
        baked: graph.leaves.map((v) => (v.constant === null ? null : valueKey(v))),
        used: 0,
      }
      list.push(entry)
      this.bytes += entry.bytes
      this.count++
    } else if (this.changed(entry, graph)) {
      this.device.disposeProgram(entry.program)
      entry.program = 0
      this.respecialisations++
    }
    entry.used = ++this.clock
    if (entry.program === 0) {
      this.build(entry, graph)
      this.evict()
    }
    return { id: entry.program, fed: entry.fed }
  }

  /** Turns baked constants that came with another value into inputs; true if there were any. */
  private changed(entry: Entry, { leaves }: PendingGraph): boolean {
    let changed = false
    leaves.forEach((leaf, i) => {
      if (entry.fed[i] || entry.baked[i] === valueKey(leaf)) return
      entry.fed[i] = true
      changed = true
    })
    return changed
  }

  private build(entry: Entry, graph: PendingGraph): void {
    const inputs = graph.leaves.filter((_, i) => entry.fed[i])
    const baked = graph.leaves.filter((_, i) => !entry.fed[i])
    const tiled = this.tilingThreads > 0 ? tile(graph, this.tilingThreads) : graph
    const description: GraphDescription = { ...tiled, inputs, constants: [...tiled.constants, ...baked] }
    const port = (value: Value): Port => ({ name: nameOf(value), dtype: value.dtype, shape: value.shape })
    entry.program = this.nextProgram++
    this.device.build(entry.program, {
      model: encodeModel(description),
      inputs: inputs.map(port),
      outputs: graph.outputs.map(port),
      constants: graph.frozen.map((value) => ({ ...port(value), id: value.storage!.id })),
    })
  }

  private evict(): void {
    while (this.bytes > this.limitBytes) {
      let oldest: Entry | undefined
      for (const list of this.entries.values())
        for (const e of list) if (oldest === undefined || e.used < oldest.used) oldest = e
      if (oldest === undefined || this.clock - oldest.used < LOOP_PROGRAMS) return
      this.drop(oldest)
      this.evictions++
    }
  }

  private drop(entry: Entry): void {
    this.device.disposeProgram(entry.program)
    const hash = hashOf(entry.signature)
    const rest = this.entries.get(hash)!.filter((e) => e !== entry)
    if (rest.length > 0) this.entries.set(hash, rest)
    else this.entries.delete(hash)
    this.bytes -= entry.bytes
    this.count--
  }

  clear(): void {
    for (const list of [...this.entries.values()]) for (const entry of list) this.drop(entry)
  }
}

function hashOf(signature: Int32Array): number {
  let hash = 0x811c9dc5
  for (const word of signature) hash = Math.imul(hash ^ word, 0x01000193)
  return hash
}

function equal(a: Int32Array, b: Int32Array): boolean {
  if (a.length !== b.length) return false
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false
  return true
}

/** Memory a session holds between runs: its arena grows to the largest sum of values alive at once, plus some for itself. */
function estimateBytes({ nodes, outputs, frozen }: PendingGraph): number {
  const lastUse = new Map<Value, number>()
  nodes.forEach((node, i) => node.inputs.forEach((v) => v.node && lastUse.set(v, i)))
  for (const v of outputs) lastUse.delete(v)
  const ending = new Map<number, number>()
  for (const [v, i] of lastUse) ending.set(i, (ending.get(i) ?? 0) + v.size * 4)
  let alive = 0
  let peak = 0
  nodes.forEach((node, i) => {
    for (const v of node.outputs) if (lastUse.has(v)) alive += v.size * 4
    peak = Math.max(peak, alive)
    alive -= ending.get(i) ?? 0
  })
  // as they are, and in the order that products want
  const constants = frozen.reduce((sum, v) => sum + 8 * v.size, 0)
  return peak + constants + nodes.length * 4096 + 65536
}
