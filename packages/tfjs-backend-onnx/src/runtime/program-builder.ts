import { type GraphDescription, encodeModel, nameOf } from '../graph/onnx-model'
import { costOf } from '../graph/operations'
import type { PendingGraph } from '../graph/pending-graph'
import { splitBatch } from '../graph/split-batch'
import type { BatchSplit } from '../graph/batch-parts'
import { tile } from '../graph/tiling'
import { turnProducts } from '../graph/turned-products'
import { SMALL } from '../graph/signature'
import { type Value, bytesOf } from '../graph/value'
import type { Device, Port } from './device'

/** One run of a program of the device. */
export interface Step {
  program: number
  /** Numbers of buffers: first those fed, then the outputs, then the temporary ones. */
  inputs: readonly number[]
  outputs: readonly number[]
}

/** How graphs are changed for the processor they run on. */
export interface Tuning {
  /** Compute threads whose caches chains of operations are cut for; 0: they are not cut. */
  tilingThreads: number
  /** Whether they are where every thread has a graph of its own. */
  tilesParts: boolean
  /** Whether matrices are transposed before products that would take them apart several times. */
  turnsProducts: boolean
  /** Threads among which the batch is divided where that pays; 1: all work on one operation after the other. */
  splitThreads: number
}

/** A graph made executable. */
export interface BuiltGraph {
  steps: Step[]
  /** How many buffers only live from one step to the next. */
  temporaries: number
  isSplit: boolean
  /** Estimated memory that it takes between runs. */
  bytes: number
}

/** Nanoseconds of one thread below which others would take as long to wake up as they save. */
const smallCost = 200_000

/**
 * Working memory, and operations, up to which a program does without an arena of ONNX Runtime's own, which never shrinks: malloc
 * keeps so little well enough from run to run. A factorisation of 10,000 rows has 55 such programs, whose arenas took 600 MB where
 * each needs 20 at a time. Hundreds of operations, or some that run a few rows at a time, are another matter: passes and steps of
 * l2p took 3 % longer without an arena on one thread and 15 % on two, in the kernel.
 */
const little = 2 ** 26
const few = 64

/** Makes programs of graphs, which the passes change for the processor first. */
export class ProgramBuilder {
  private nextProgram = 1

  constructor(
    private readonly device: Pick<Device, 'build'>,
    private readonly tuning: Tuning,
  ) {}

  /** @param fed which leaves are inputs; the others are constants with the value they have now */
  build(graph: PendingGraph, fed: readonly boolean[]): BuiltGraph {
    const { tilingThreads, tilesParts, splitThreads } = this.tuning
    const split = splitBatch(graph, splitThreads)
    const buffers = new Map<Value, number>()
    const number = (v: Value) => buffers.has(v) || buffers.set(v, buffers.size)
    graph.leaves.filter((_, i) => fed[i]).forEach(number)
    graph.outputs.forEach(number)
    const lasting = buffers.size
    split?.stacked.forEach(number)
    const temporaries = buffers.size - lasting
    const steps: Step[] = []
    if (split !== null) {
      const { each, count } = split
      steps.push(this.step(tilesParts && count === splitThreads ? tile(each, 1) : each, buffers, split))
    }
    const whole = split === null ? graph : split.rest
    if (whole !== null) steps.push(this.step(tilingThreads > 0 ? tile(whole, tilingThreads) : whole, buffers))
    const bytes = estimateBytes(graph) + (split?.bytes ?? 0)
    return { steps, temporaries, isSplit: split !== null, bytes }
  }

  /** Builds a program for a graph, or a part of one, and says on which buffers it runs. */
  private step(tiled: PendingGraph, buffers: Map<Value, number>, split?: BatchSplit): Step {
    const graph = this.tuning.turnsProducts ? turnProducts(tiled) : tiled
    const bufferOf = (leaf: Value) => buffers.get(split?.cut.get(leaf) ?? leaf)
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
      isSmall: graph.nodes.reduce((sum, node) => sum + costOf(node), 0) < smallCost,
      givesMemoryBack: bytesOfFrozen(inputs) > SMALL || isModest(graph),
      constants: graph.frozen.map((value) => ({ ...port(value), id: value.storage!.id })),
      ...(split && { parts: { count: split.count, isCut: inputs.map((v) => split.cut.has(v)) } }),
    })
    return {
      program,
      inputs: inputs.map((leaf) => bufferOf(leaf)!),
      outputs: (split?.stacked ?? graph.outputs).map((v) => buffers.get(v)!),
    }
  }
}

/** What a program is fed of frozen values: much, where another program holds them as constants. */
const bytesOfFrozen = (inputs: readonly Value[]): number =>
  inputs.reduce((sum, v) => sum + (v.storage?.isFrozen ? bytesOf(v) : 0), 0)

/** Memory a session holds between runs: its arena grows to the largest sum of values alive at once, plus some for itself. */
function estimateBytes(graph: PendingGraph): number {
  // as they are, and in the order that products want
  const constants = graph.frozen.reduce((sum, v) => sum + 2 * bytesOf(v), 0)
  return workingBytes(graph) + constants + graph.nodes.length * 4096 + 65536
}

/** Whether a program needs little memory, and that not often. */
const isModest = (graph: PendingGraph): boolean =>
  graph.nodes.length <= few && graph.nodes.every(({ op }) => op !== 'Scan') && workingBytes(graph) < little

/** The largest sum of values alive at once. */
function workingBytes({ nodes, outputs }: PendingGraph): number {
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
  return peak
}
