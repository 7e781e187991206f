import type { Device, Port } from './device/device'
import { type GraphDescription, encodeModel, nameOf } from './onnx/model'
import { type Sharing, share } from './graph/share'
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

/** One run of a program of the device. */
interface Step {
  program: number
  /** Numbers of buffers: first those fed, then the outputs, then the temporary ones. */
  inputs: readonly number[]
  outputs: readonly number[]
}

interface Entry {
  signature: Int32Array
  steps: Step[]
  /** How many buffers only live from one step to the next. */
  temporaries: number
  isShared: boolean
  bytes: number
  /** Which leaves are fed; the others are soft constants baked in with the value they had. */
  fed: boolean[]
  baked: (string | null)[]
  used: number
}

/** What computes a graph. */
export type Program = Readonly<Pick<Entry, 'fed' | 'steps' | 'temporaries'>>

/** How graphs are changed for the processor they run on. */
export interface Tuning {
  /** Compute threads whose caches chains of operations are cut for; 0: they are not cut. */
  tilingThreads: number
  /** Whether they are where every thread has a graph of its own. */
  tilesShares: boolean
  /** Threads among which the batch is divided where that pays; 1: all work on one operation after the other. */
  sharingThreads: number
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
    private readonly tuning: Tuning = { tilingThreads: 0, tilesShares: false, sharingThreads: 1 },
  ) {}

  /** How many graphs run in shares of the batch. */
  get shared(): number {
    return [...this.entries.values()].flat().filter(({ isShared }) => isShared).length
  }

  /** The program for a graph, built if its structure is new. */
  get(graph: PendingGraph): Program {
    const hash = hashOf(graph.signature)
    let list = this.entries.get(hash)
    if (list === undefined) this.entries.set(hash, (list = []))
    let entry = list.find((e) => equal(e.signature, graph.signature))
    if (entry === undefined) {
      entry = {
        signature: graph.signature,
        steps: [],
        temporaries: 0,
        isShared: false,
        bytes: 0,
        fed: graph.leaves.map((v) => v.constant === null),
        baked: graph.leaves.map((v) => (v.constant === null ? null : valueKey(v))),
        used: 0,
      }
      list.push(entry)
      this.count++
    } else if (this.changed(entry, graph)) {
      this.disposePrograms(entry)
      this.respecialisations++
    }
    entry.used = ++this.clock
    if (entry.steps.length === 0) {
      this.build(entry, graph)
      this.evict()
    }
    return entry
  }

  /** Says that a program is used again without being asked for. */
  touch(program: Program): void {
    ;(program as Entry).used = ++this.clock
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
    const { tilingThreads, tilesShares, sharingThreads } = this.tuning
    const sharing = share(graph, sharingThreads)
    entry.isShared = sharing !== null
    const buffers = new Map<Value, number>()
    const number = (v: Value) => buffers.has(v) || buffers.set(v, buffers.size)
    graph.leaves.filter((_, i) => entry.fed[i]).forEach(number)
    graph.outputs.forEach(number)
    const lasting = buffers.size
    sharing?.stacked.forEach(number)
    entry.temporaries = buffers.size - lasting
    const whole = sharing === null ? graph : sharing.rest
    entry.steps = []
    if (sharing !== null) {
      const { each, count } = sharing
      entry.steps.push(this.step(tilesShares && count === sharingThreads ? tile(each, 1) : each, buffers, sharing))
    }
    if (whole !== null) entry.steps.push(this.step(tilingThreads > 0 ? tile(whole, tilingThreads) : whole, buffers))
    this.bytes -= entry.bytes
    entry.bytes = estimateBytes(graph) + (sharing?.bytes ?? 0)
    this.bytes += entry.bytes
  }

  /** Builds a program for a graph, or a part of one, and says on which buffers it runs. */
  private step(graph: PendingGraph, buffers: Map<Value, number>, sharing?: Sharing): Step {
    const bufferOf = (leaf: Value) => buffers.get(sharing?.cut.get(leaf) ?? leaf)
    const isFed = (leaf: Value) => bufferOf(leaf) !== undefined
    const inputs = graph.leaves.filter(isFed)
    const baked = graph.leaves.filter((leaf) => !isFed(leaf))
    const description: GraphDescription = { ...graph, inputs, constants: [...graph.constants, ...baked] }
    const port = (value: Value): Port => ({ name: nameOf(value), dtype: value.dtype, shape: value.shape })
    const program = this.nextProgram++
    this.device.build(program, {
      model: encodeModel(description),
      inputs: inputs.map(port),
      outputs: graph.outputs.map(port),
      movesTransposes: graph.nodes.some(({ op, domain }) => op === 'Conv' && domain === ''),
      constants: graph.frozen.map((value) => ({ ...port(value), id: value.storage!.id })),
      ...(sharing && { shares: { count: sharing.count, isCut: inputs.map((v) => sharing.cut.has(v)) } }),
    })
    return {
      program,
      inputs: inputs.map((leaf) => bufferOf(leaf)!),
      outputs: (sharing?.stacked ?? graph.outputs).map((v) => buffers.get(v)!),
    }
  }

  private disposePrograms(entry: Entry): void {
    for (const { program } of entry.steps) this.device.disposeProgram(program)
    entry.steps = []
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
    this.disposePrograms(entry)
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
