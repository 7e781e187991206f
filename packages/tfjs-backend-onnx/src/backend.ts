import {
  type BackendValues,
  type DataId,
  type DataType,
  KernelBackend,
  type TensorInfo,
  backend_util,
  engine,
  getKernel,
} from '@tensorflow/tfjs-core'
import type { Device } from './device/device'
import { LocalDevice } from './device/local-device'
import { WorkerDevice } from './device/worker-device'
import { collectGraph } from './graph/signature'
import { Storage, newBufferId } from './graph/storage'
import { clearPending, leaf, pendingCount, pendingNodes, reshape } from './graph/trace'
import { type GraphType, type TypedArray, Value, typedArray } from './graph/value'
import { type OnnxOptions, defaultOptions, isOnCpu } from './options'
import type { Recording } from './recording'
import { Entry, Registry } from './registry'
import { type Program, SessionCache } from './sessions'
import type { OnnxStats } from './stats'

/**
 * A backend whose kernels record instead of computing. Reading a tensor, or `flush()`, runs everything that is recorded
 * and still wanted as one ONNX graph; a graph whose structure has been seen before runs in the session built for it.
 */
export class OnnxBackend extends KernelBackend {
  readonly options: OnnxOptions
  private readonly data: Registry
  private readonly device: Device
  private readonly sessions: SessionCache
  /** Pending values that some data id stands for, in order of appearance. */
  private readonly wanted = new Set<Value>()
  /** Buffers nobody can reach any more, apart from nodes that are still pending. */
  private unreachable: Storage[] = []
  private readonly scalars = new Map<string, Storage>()
  private tapeDepth = 0
  private recording: Recording | null = null
  private readonly counters = {
    flushes: 0,
    replays: 0,
    reads: 0,
    lastNodes: 0,
    fallbacks: {} as Record<string, number>,
  }

  constructor(options: Partial<OnnxOptions> = {}) {
    super()
    this.options = { ...defaultOptions(), ...options }
    this.device = (this.options.worker && WorkerDevice.create(this.options)) || new LocalDevice(this.options)
    const { sessionBytes, threads, sharing, tiling } = this.options
    const onCpu = isOnCpu(this.options)
    this.sessions = new SessionCache(this.device, sessionBytes, {
      tilingThreads: onCpu && (tiling ?? threads === 1) ? threads : 0,
      tilesShares: tiling ?? true,
      sharingThreads: sharing && onCpu && this.device.concurrent ? threads : 1,
    })
    this.data = new Registry(this)
  }

  // What tfjs asks of a backend.

  override timerAvailable(): boolean {
    return true
  }

  override async time(f: () => void): Promise<{ kernelMs: number }> {
    this.flush()
    const start = performance.now()
    f()
    this.flush()
    return { kernelMs: performance.now() - start }
  }

  override floatPrecision(): 16 | 32 {
    return 32
  }

  override epsilon(): number {
    return 1e-7
  }

  override numDataIds(): number {
    return this.data.size
  }

  override memory(): { unreliable: boolean } {
    return { unreliable: false }
  }

  override write(values: BackendValues, shape: number[], dtype: DataType): DataId {
    return this.data.add(this.entryOf(values, shape, dtype))
  }

  override move(dataId: DataId, values: BackendValues, shape: number[], dtype: DataType, refCount: number): void {
    const entry = this.entryOf(values, shape, dtype)
    entry.references = refCount
    this.data.adopt(dataId, entry)
  }

  private entryOf(values: BackendValues, shape: number[], dtype: DataType): Entry {
    if (dtype === 'string') return new Entry(null, values)
    if (dtype === 'complex64') {
      const { real, imag } = backend_util.splitRealAndImagArrays(values as Float32Array)
      const part = (data: Float32Array): TensorInfo => ({
        dataId: this.write(data, shape, 'float32'),
        shape,
        dtype: 'float32',
      })
      return new Entry(null, null, { real: part(real), imag: part(imag) })
    }
    return this.entryFor(this.leafOf(values as TypedArray | number[] | null, shape, dtype))
  }

  /** A value over a copy of `values`: tfjs lets callers reuse their arrays. One-element tensors of one content are shared. */
  private leafOf(values: TypedArray | ArrayLike<number> | null, shape: readonly number[], dtype: GraphType): Value {
    const length = shape.reduce((n, d) => n * d, 1)
    const data = typedArray(dtype, length) as Float32Array
    if (values !== null && values !== undefined) data.set(values as Float32Array)
    if (length !== 1) return leaf(data, shape, dtype)
    // Only the elements are shared: one value for equal numbers would make a graph's structure depend on them.
    const value = new Value(shape, dtype)
    value.storage = this.sharedScalar(data, dtype)
    return value
  }

  private sharedScalar(data: TypedArray, dtype: GraphType): Storage {
    const number = data[0]!
    const key = `${dtype}${Object.is(number, -0) ? '-0' : number}`
    let storage = this.scalars.get(key)
    if (storage === undefined) {
      storage = new Storage(dtype, 1, data)
      storage.references = 1
      this.scalars.set(key, storage)
      if (this.scalars.size > 1024) {
        const [oldest, dropped] = this.scalars.entries().next().value!
        this.scalars.delete(oldest)
        this.dropReference(dropped)
      }
    }
    return storage
  }

  private entryFor(value: Value): Entry {
    if (value.node !== null) {
      value.references++
      this.wanted.add(value)
    } else storageOf(value).references++
    return new Entry(value)
  }

  override refCount(dataId: DataId): number {
    return this.data.has(dataId) ? this.data.get(dataId).references : 0
  }

  override incRef(dataId: DataId): void {
    this.data.get(dataId).references++
  }

  decRef(dataId: DataId): void {
    if (this.data.has(dataId)) this.data.get(dataId).references--
  }

  override disposeData(dataId: DataId, force = false): boolean {
    if (!this.data.has(dataId)) return true
    const entry = this.data.get(dataId)
    entry.references--
    if (!force && entry.references > 0) return false
    if (entry.complex) {
      this.disposeData(entry.complex.real.dataId, true)
      this.disposeData(entry.complex.imag.dataId, true)
    }
    this.data.delete(dataId)
    if (entry.value) this.release(entry.value)
    return true
  }

  private release(value: Value): void {
    if (value.node !== null) {
      if (--value.references === 0) this.wanted.delete(value)
      return
    }
    this.dropReference(value.storage!)
  }

  private dropReference(storage: Storage): void {
    if (--storage.references > 0) return
    this.unreachable.push(storage)
    if (pendingCount() === 0) this.freeUnreachable()
  }

  disposeIntermediateTensorInfo(info: TensorInfo): void {
    this.disposeData(info.dataId)
  }

  override readSync(dataId: DataId): BackendValues {
    const entry = this.data.get(dataId)
    if (entry.strings !== null) return entry.strings
    if (entry.complex !== null) {
      const [real, imag] = [entry.complex.real, entry.complex.imag].map((p) => this.readSync(p.dataId) as Float32Array)
      return backend_util.mergeRealAndImagArrays(real!, imag!)
    }
    this.counters.reads++
    const storage = this.materialise(entry)
    return (storage.host !== null ? storage.host.slice() : this.device.readSync(storage.id)) as BackendValues
  }

  override async read(dataId: DataId): Promise<BackendValues> {
    const entry = this.data.get(dataId)
    if (entry.strings !== null || entry.complex !== null) return this.readSync(dataId)
    this.counters.reads++
    const storage = this.materialise(entry)
    return (storage.host !== null ? storage.host.slice() : await this.device.read(storage.id)) as BackendValues
  }

  private materialise({ value }: Entry): Storage {
    if (value!.node !== null) this.flush()
    return value!.storage!
  }

  override dispose(): void {
    this.sessions.clear()
    this.device.close()
  }

  // What kernels ask.

  /** The value of a tensor, in the tensor's shape (tensors of several shapes may share one data id). */
  value(info: TensorInfo): Value {
    const { value } = this.data.get(info.dataId)
    if (value === null) throw new Error(`tfjs-backend-onnx: tensors of type ${info.dtype} cannot be computed with here`)
    return reshape(value, info.shape)
  }

  /** A new tensor for a value. */
  tensor(value: Value): TensorInfo {
    const dataId = this.data.add(this.entryFor(value))
    return { dataId, shape: [...value.shape], dtype: value.dtype as DataType }
  }

  /** The same data id for a tensor of another shape. */
  share(info: TensorInfo, shape: number[]): TensorInfo {
    this.incRef(info.dataId)
    return { dataId: info.dataId, shape, dtype: info.dtype }
  }

  /** A complex tensor of two real ones. */
  joinComplex(real: TensorInfo, imag: TensorInfo): TensorInfo {
    const part = (info: TensorInfo) => this.tensor(this.value(info))
    const dataId = this.data.add(new Entry(null, null, { real: part(real), imag: part(imag) }))
    return { dataId, shape: [...real.shape], dtype: 'complex64' }
  }

  /** The real or imaginary part of a complex tensor. */
  partOfComplex({ dataId, shape }: TensorInfo, part: 'real' | 'imag'): TensorInfo {
    return this.tensor(reshape(this.value(this.data.get(dataId).complex![part]), shape))
  }

  /**
   * Says that a tensor's elements are the same as long as it lives, as a backbone's weights are: programs may hold them as
   * constants of their own, which products put into the order they want once, and a GPU receives once.
   */
  freeze({ dataId }: TensorInfo): void {
    const entry = this.data.get(dataId)
    // single numbers are shared with whatever else has the same
    if (entry.value?.dtype === 'float32' && entry.value.size > 1) this.materialise(entry).isFrozen = true
  }

  /** A copy of a tensor on another backend. */
  copyTo(other: KernelBackend, info: TensorInfo): TensorInfo {
    const { shape, dtype } = info
    const { complex } = this.data.get(info.dataId)
    if (complex === null) return { dataId: other.write(this.readSync(info.dataId), shape, dtype), shape, dtype }
    const part = (p: TensorInfo) => this.copyTo(other, { ...p, shape })
    const [real, imag] = [part(complex.real), part(complex.imag)]
    const whole = getKernel('Complex', 'cpu').kernelFunc({ inputs: { real, imag }, backend: other }) as TensorInfo
    other.disposeData(real.dataId)
    other.disposeData(imag.dataId)
    return whole
  }

  /** A copy of another backend's tensor. */
  copyFrom(other: KernelBackend, { dataId, shape, dtype }: TensorInfo): TensorInfo {
    return { dataId: this.write(other.readSync(dataId) as BackendValues, shape, dtype), shape, dtype }
  }

  countFallback(kernel: string): void {
    const { fallbacks } = this.counters
    fallbacks[kernel] = (fallbacks[kernel] ?? 0) + 1
  }

  /**
   * Called before a kernel records. Programs that never read, nor say where a step ends, are cut where a gradient
   * begins: there the step before is complete, and the cut falls on the same node every time.
   */
  beforeKernel(): void {
    const { gradientDepth } = engine().state
    const begins = gradientDepth > this.tapeDepth
    this.tapeDepth = gradientDepth
    if ((begins && pendingCount() > 512) || pendingCount() > this.options.maxPendingNodes) this.flush()
  }

  // Execution.

  /** Runs what is recorded. Call it at the end of a training step that reads nothing. */
  flush(): void {
    if (this.wanted.size > 0) this.run([...this.wanted])
    else clearPending()
    this.freeUnreachable()
  }

  private run(outputs: Value[]): void {
    const graph = collectGraph(pendingNodes(), outputs, this.options.constantBytes)
    const results = outputs.map(resultOf)
    try {
      for (const value of graph.frozen) this.upload(storageOf(value))
      const program = this.sessions.get(graph)
      const inputs = graph.leaves.filter((_, i) => program.fed[i])
      this.recording?.add(program, inputs, outputs)
      this.execute(program, inputs.map(storageOf), results)
      // Nobody else has what was a constant.
      this.unreachable.push(...inputs.flatMap(({ constant, storage }) => (constant === null ? [] : [storage!])))
    } finally {
      // After a failure too: what could not be computed is lost, and nothing later fails because of it.
      outputs.forEach((value, i) => {
        value.storage = results[i]!
        value.node = null
        value.views = null
      })
      this.wanted.clear()
      clearPending()
    }
    this.counters.flushes++
    this.counters.lastNodes = graph.nodes.length
  }

  /** Runs a program on stored elements. */
  private execute({ steps, temporaries: count }: Program, inputs: Storage[], results: Storage[]): void {
    const temporaries = Array.from({ length: count }, newBufferId)
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

  // What replays ask.

  /** The value of a tensor as it is registered; undefined for what is not here, and for strings and complex numbers. */
  storedValue({ dataId }: TensorInfo): Value | undefined {
    return this.data.has(dataId) ? (this.data.get(dataId).value ?? undefined) : undefined
  }

  get readCount(): number {
    return this.counters.reads
  }

  /** Runs a step and what it recorded; `recording` sees it. */
  watch<R>(recording: Recording, step: () => R): R {
    this.recording = recording
    try {
      const result = step()
      this.flush()
      return result
    } finally {
      this.recording = null
    }
  }

  /** Keeps a buffer although no tensor may stand for it. */
  hold(storage: Storage): void {
    storage.references++
  }

  letGo(storage: Storage): void {
    this.dropReference(storage)
  }

  /** Runs a program again; its results are held. */
  runAgain(program: Program, inputs: Storage[], outputs: readonly { dtype: GraphType; size: number }[]): Storage[] {
    const results = outputs.map(({ dtype, size }) => resultOf({ dtype, size, references: 1 }))
    this.sessions.touch(program)
    this.execute(program, inputs, results)
    return results
  }

  /** A new tensor over a buffer. */
  tensorOver(storage: Storage, shape: number[]): TensorInfo {
    const value = new Value(shape, storage.dtype)
    value.storage = storage
    return this.tensor(value)
  }

  countReplay(): void {
    this.counters.replays++
  }

  private freeUnreachable(): void {
    if (this.unreachable.length === 0) return
    // A recording may have taken hold of one since.
    const onDevice = this.unreachable.filter((storage) => storage.onDevice && storage.references <= 0)
    if (onDevice.length > 0) this.device.free(onDevice.map((storage) => storage.id))
    this.unreachable = []
  }

  stats(): OnnxStats {
    const { builds, buildMs, runMs, poolBytes, buffers } = this.device.stats()
    return {
      execution: this.device.concurrent ? 'worker' : 'inline',
      ...this.counters,
      fallbacks: { ...this.counters.fallbacks },
      builds,
      buildMs,
      runMs,
      poolBytes,
      buffers,
      sessions: this.sessions.count,
      shared: this.sessions.shared,
      sessionBytes: this.sessions.bytes,
      evictions: this.sessions.evictions,
      respecialisations: this.sessions.respecialisations,
    }
  }
}

/** The storage of what a program is about to compute. */
function resultOf({ dtype, size, references }: Pick<Value, 'dtype' | 'size' | 'references'>): Storage {
  const storage = new Storage(dtype, size, null)
  storage.onDevice = true
  storage.references = references
  return storage
}

/** The storage of a value that is not pending; constants get one when they have to be fed or become tensors. */
function storageOf(value: Value): Storage {
  return (value.storage ??= new Storage(value.dtype, value.size, value.constant!.data))
}
