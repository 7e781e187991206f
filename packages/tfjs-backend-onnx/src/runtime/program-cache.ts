import type { PendingGraph } from '../graph/pending-graph'
import { SMALL } from '../graph/signature'
import { reorderedBytes } from '../graph/split-batch'
import type { Value } from '../graph/value'
import type { Device } from './device'
import { type BuiltGraph, ProgramBuilder, type Tuning } from './program-builder'

interface Entry extends BuiltGraph {
  signature: Int32Array
  /** Which leaves are fed; the others are soft constants baked in with the value they had. */
  fed: boolean[]
  baked: (string | null)[]
  /** Buffers whose elements it holds as constants, and the memory that its copies of them take at most. */
  frozen: ReadonlySet<number>
  constantBytes: number
  /** The run that used it last, and the most runs of others between two uses. */
  used: number
  gap: number
  /** How many programs had been built by then. */
  builds: number
}

/** What computes a graph. */
export type Program = Readonly<Pick<Entry, 'fed' | 'steps' | 'temporaries'>>

/**
 * So many of the latest runs keep their programs, unless these hold a multiple of what programs may: a loop that alternates
 * between a few large ones would otherwise build each of them again in every round.
 */
const loopPrograms = 8

/** What programs may hold, in bytes. */
export interface ProgramLimits {
  /** All of them, before the least recently used go. */
  bytes: number
  /** Those of the latest runs, which stay otherwise. Default: no limit. */
  loopBytes?: number
  /** Copies of frozen tensors, where programs have many. Default: no limit. */
  constantBytes?: number
}

/**
 * A program that has not been used for so many times the longest pause it ever made is not expected back: a head that grew with
 * every task leaves the shapes of earlier tasks behind, and every session keeps memory and threads.
 */
const pauses = 8
/** Runs that every program is kept for. */
const shortestStay = 256
/**
 * So many programs that are built without it mean that what is computed has changed: methods that train nothing have a few runs a
 * task, all of other shapes than the last one's. Then a program has to have come back before, and is kept by its pauses alone. More
 * than the factorisation of a matrix of 4000 rows has (32), which the next one is to find.
 */
const otherPrograms = 40
/**
 * So many programs that have gone are remembered, by their structure: one that comes back after all has shown how long it pauses.
 */
const remembered = 4096

const valueKey = (value: Value): string => value.constant!.data.join()

/**
 * The programs built so far, by the structure of their graph. Those go that are not expected back, and the least recently used
 * when memory is short.
 */
export class ProgramCache {
  private readonly entries = new Map<number, Entry[]>()
  private readonly builder: ProgramBuilder
  private readonly limits: Required<ProgramLimits>
  private clock = 0
  private builds = 0
  private sweepAt = shortestStay
  /** When graphs last found no room for their frozen tensors, by structure. */
  private readonly refused = new Map<number, number>()
  /** When programs that have gone were last used. */
  private readonly gone = new Map<number, number>()
  bytes = 0
  count = 0
  evictions = 0
  respecialisations = 0

  constructor(
    private readonly device: Pick<Device, 'build' | 'disposeProgram'>,
    limits: ProgramLimits,
    private readonly tuning: Tuning = { tilingThreads: 0, tilesParts: false, turnsProducts: false, splitThreads: 1 },
  ) {
    this.builder = new ProgramBuilder(device, tuning)
    this.limits = { loopBytes: Infinity, constantBytes: Infinity, ...limits }
  }

  /** How many graphs run in parts of the batch. */
  get split(): number {
    return this.all().filter(({ isSplit }) => isSplit).length
  }

  private all(): Entry[] {
    return [...this.entries.values()].flat()
  }

  private find({ signature }: PendingGraph): Entry | undefined {
    return this.entries.get(hashOf(signature))?.find((entry) => equal(entry.signature, signature))
  }

  /** What a graph's copies of frozen tensors take at most. */
  private copiesOf(graph: PendingGraph): number {
    const bytes = reorderedBytes(graph)
    return bytes > SMALL ? bytes * this.tuning.splitThreads : bytes
  }

  /**
   * Whether there is room for a program that holds all of a graph's frozen tensors: one that is there, or has few, or whose
   * copies fit beside those of the others and are none of what another one holds. Weights are then in a process once more than
   * they must be, however many batches they compute with. Programs make room that no loop uses any more: none of the latest runs
   * did, or none since this graph found no room before. (The first of a training's steps is like no other, and comes before all
   * of them.)
   */
  holds(graph: PendingGraph): boolean {
    const bytes = this.copiesOf(graph)
    if (bytes <= SMALL || this.find(graph) !== undefined) return true
    const { constantBytes: limit } = this.limits
    if (bytes > limit) return false
    const hash = hashOf(graph.signature)
    const before = this.refused.get(hash) ?? -1
    const isIdle = ({ used }: Entry) => used <= before || this.clock - used >= loopPrograms
    const hasSame = ({ frozen }: Entry) => graph.frozen.some((value) => frozen.has(value.storage!.id))
    const holders = this.all().filter((entry) => entry.constantBytes > SMALL)
    const same = holders.filter(hasSame)
    const others = holders.filter((holder) => !same.includes(holder))
    let room = limit - others.reduce((sum, { constantBytes }) => sum + constantBytes, 0)
    const goes = [...same]
    for (const holder of others.filter(isIdle).sort((a, b) => a.used - b.used)) {
      if (room >= bytes) break
      room += holder.constantBytes
      goes.push(holder)
    }
    const has = room >= bytes && same.every(isIdle)
    this.refused.delete(hash)
    if (has) for (const holder of goes) this.drop(holder)
    else remember(this.refused, hash, this.clock)
    return has
  }

  /** The program for a graph, built if its structure is new. */
  get(graph: PendingGraph): Program {
    const hash = hashOf(graph.signature)
    let list = this.entries.get(hash)
    if (list === undefined) this.entries.set(hash, (list = []))
    let entry = this.find(graph)
    if (entry === undefined) {
      entry = {
        signature: graph.signature,
        steps: [],
        temporaries: 0,
        isSplit: false,
        bytes: 0,
        fed: graph.leaves.map((v) => v.constant === null),
        baked: graph.leaves.map((v) => (v.constant === null ? null : valueKey(v))),
        frozen: new Set(graph.frozen.map((v) => v.storage!.id)),
        constantBytes: this.copiesOf(graph),
        used: this.gone.get(hash) ?? this.clock + 1,
        gap: 0,
        builds: 0,
      }
      this.gone.delete(hash)
      list.push(entry)
      this.count++
    } else if (this.changed(entry, graph)) {
      this.disposePrograms(entry)
      this.respecialisations++
    }
    this.touch(entry)
    if (entry.steps.length === 0) {
      this.bytes -= entry.bytes
      Object.assign(entry, this.builder.build(graph, entry.fed))
      this.bytes += entry.bytes
      if (++this.builds % otherPrograms === 0) this.sweep()
      this.evict()
    }
    return entry
  }

  /** Says that a program is used again without being asked for. */
  touch(program: Program): void {
    const entry = program as Entry
    this.clock++
    entry.gap = Math.max(entry.gap, this.clock - entry.used)
    entry.used = this.clock
    entry.builds = this.builds
    if (this.clock >= this.sweepAt) this.sweep()
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

  private disposePrograms(entry: Entry): void {
    for (const { program } of entry.steps) this.device.disposeProgram(program)
    entry.steps = []
  }

  /** Lets programs go that are not expected back. */
  private sweep(): void {
    this.sweepAt = this.clock + shortestStay / 2
    for (const entry of this.all()) {
      const stay = this.builds - entry.builds > otherPrograms ? loopPrograms : shortestStay
      if (this.clock - entry.used > Math.max(stay, pauses * entry.gap)) this.drop(entry)
    }
  }

  /** Says that a buffer is gone: programs that held its elements as constants cannot be asked for again. */
  forget(buffer: number): void {
    for (const entry of this.all()) if (entry.frozen.has(buffer)) this.drop(entry)
  }

  private evict(): void {
    const { bytes, loopBytes } = this.limits
    while (this.bytes > bytes) {
      const oldest = this.all().reduce<Entry | undefined>((a, b) => (a && a.used <= b.used ? a : b), undefined)
      if (oldest === undefined || oldest.used === this.clock) return
      if (this.clock - oldest.used < loopPrograms && this.bytes <= loopBytes) return
      this.drop(oldest)
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
    this.evictions++
    remember(this.gone, hash, entry.used)
  }

  clear(): void {
    for (const entry of this.all()) this.drop(entry)
  }
}

/** Notes a run by structure; the oldest notes go. */
function remember(notes: Map<number, number>, hash: number, run: number): void {
  notes.set(hash, run)
  if (notes.size > remembered) notes.delete(notes.keys().next().value!)
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
