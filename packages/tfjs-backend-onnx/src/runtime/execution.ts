import type { PendingGraph } from '../graph/pending-graph'
import type { Recorder } from '../graph/recorder'
import type { Storage } from '../graph/storage'
import type { GraphType, TypedArray, Value } from '../graph/value'
import type { Device } from './device'
import type { Program, ProgramCache } from './program-cache'

/** So many bytes of frozen values are constants where there is no room for all of them. */
const fewConstants = 2 ** 24

/** What sees the graphs that run. */
export interface Observer {
  add(program: Program, inputs: readonly Value[], outputs: readonly Value[]): void
  /** Told of elements that are to be made anew whenever the step is done again. */
  renews(value: Value, make: () => TypedArray): void
}

/** Runs what a recorder has recorded and somebody still wants, and frees the buffers nobody can reach any more. */
export class Execution {
  /** Graphs run, and the nodes of the latest. */
  flushes = 0
  lastNodes = 0
  /** Sees every graph before it runs. */
  observer: Observer | null = null
  /** Pending values that some tensor stands for, in order of appearance. */
  private readonly wanted = new Set<Value>()
  /** Buffers nobody can reach any more, apart from nodes that are still pending. */
  private unreachable: Storage[] = []

  /** @param constantBytes see `Recorder.collect` */
  constructor(
    private readonly recorder: Recorder,
    private readonly device: Device,
    private readonly programs: ProgramCache,
    private readonly constantBytes?: number,
  ) {}

  /** Says that a tensor stands for a value. */
  want(value: Value): void {
    if (value.node !== null) {
      value.references++
      this.wanted.add(value)
    } else this.storageOf(value).references++
  }

  /** Says that a tensor does not stand for a value any more. */
  release(value: Value): void {
    if (value.node === null) this.letGo(value.storage!)
    else if (--value.references === 0) this.wanted.delete(value)
  }

  /** Keeps a buffer although no tensor may stand for it. */
  hold(storage: Storage): void {
    storage.references++
    storage.holds++
  }

  unhold(storage: Storage): void {
    storage.holds--
    this.letGo(storage)
  }

  letGo(storage: Storage): void {
    if (--storage.references > 0) return
    this.unreachable.push(storage)
    const { quantized } = storage
    storage.quantized = null
    if (quantized) for (const copy of [quantized.numbers, quantized.scales]) this.letGo(copy)
    if (this.recorder.pendingCount === 0) this.freeUnreachable()
  }

  /** The elements of a value, once all that they need has been told to run. */
  materialise(value: Value): Storage {
    if (value.node !== null) this.flush()
    return value.storage!
  }

  /** A copy of a value's elements. */
  readSync(value: Value): TypedArray {
    const storage = this.materialise(value)
    return storage.host !== null ? storage.host.slice() : this.device.readSync(storage.id)
  }

  async read(value: Value): Promise<TypedArray> {
    const storage = this.materialise(value)
    return storage.host !== null ? storage.host.slice() : this.device.read(storage.id)
  }

  /** Runs what is recorded. */
  flush(): void {
    if (this.wanted.size > 0) this.run([...this.wanted])
    else this.recorder.clear()
    this.freeUnreachable()
  }

  private run(outputs: Value[]): void {
    const graph = this.graphOf(outputs)
    const results = outputs.map((value) => this.resultOf(value))
    try {
      this.start(graph, outputs, results)
    } finally {
      // After a failure too: what could not be computed is lost, and nothing later fails because of it.
      outputs.forEach((value, i) => {
        value.storage = results[i]!
        value.node = null
        value.views = null
      })
      this.wanted.clear()
      this.recorder.clear()
    }
    this.flushes++
    this.lastNodes = graph.nodes.length
  }

  /** What outputs need, with frozen values as constants as far as programs have room for them. */
  private graphOf(outputs: Value[]): PendingGraph {
    const graph = this.recorder.collect(outputs, this.constantBytes)
    return this.programs.holds(graph) ? graph : this.recorder.collect(outputs, fewConstants)
  }

  private start(graph: PendingGraph, outputs: Value[], results: Storage[]): void {
    for (const value of graph.frozen) this.upload(this.storageOf(value))
    const program = this.programs.get(graph)
    const inputs = graph.leaves.filter((_, i) => program.fed[i])
    this.observer?.add(program, inputs, outputs)
    const storages = inputs.map((value) => this.storageOf(value))
    this.execute(program, storages, results)
    // Nobody else has what was a constant.
    this.unreachable.push(...storages.filter((_, i) => inputs[i]!.constant !== null))
  }

  /** Runs a program again; its results are held. */
  runAgain(program: Program, inputs: Storage[], outputs: readonly { dtype: GraphType; size: number }[]): Storage[] {
    const results = outputs.map(({ dtype, size }) => this.resultOf({ dtype, size, references: 1 }))
    this.programs.touch(program)
    this.execute(program, inputs, results)
    return results
  }

  /** Runs a program on stored elements. */
  private execute({ steps, temporaries: count }: Program, inputs: Storage[], results: Storage[]): void {
    const temporaries = Array.from({ length: count }, () => this.recorder.newBufferId())
    const fed = inputs.map((storage) => this.upload(storage))
    const buffers = [...fed, ...results.map(({ id }) => id), ...temporaries]
    const idsOf = (numbers: readonly number[]) => numbers.map((n) => buffers[n]!)
    for (const step of steps) this.device.run(step.program, idsOf(step.inputs), idsOf(step.outputs))
    if (count > 0) this.device.free(temporaries)
  }

  /** The device's number for a buffer, which is brought there if need be. */
  private upload(storage: Storage): number {
    if (!storage.onDevice) {
      this.device.write(storage.id, storage.host!)
      storage.onDevice = true
      storage.host = null
    }
    return storage.id
  }

  /** The storage of what a program is about to compute. */
  private resultOf({ dtype, size, references }: Pick<Value, 'dtype' | 'size' | 'references'>): Storage {
    const storage = this.recorder.newStorage(dtype, size, null)
    storage.onDevice = true
    storage.references = references
    return storage
  }

  /** The storage of a value that is not pending; constants get one when they have to be fed or become tensors. */
  private storageOf(value: Value): Storage {
    return (value.storage ??= this.recorder.newStorage(value.dtype, value.size, value.constant!.data))
  }

  private freeUnreachable(): void {
    if (this.unreachable.length === 0) return
    // A recording may have taken hold of one since.
    const onDevice = this.unreachable.filter((storage) => storage.onDevice && storage.references <= 0)
    for (const { id, isFrozen } of onDevice) if (isFrozen) this.programs.forget(id)
    if (onDevice.length > 0) this.device.free(onDevice.map((storage) => storage.id))
    this.unreachable = []
  }
}
