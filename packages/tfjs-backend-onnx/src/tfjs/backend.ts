import {
  type BackendValues,
  type DataId,
  type DataType,
  KernelBackend,
  type Tensor,
  type TensorInfo,
  backend_util,
  engine,
  getKernel,
} from '@tensorflow/tfjs-core'
import { Recorder } from '../graph/recorder'
import { type GraphType, type TypedArray, Value, typedArray } from '../graph/value'
import { Lowering } from '../lowering/lowering'
import { isOnProcessor } from '../lowering/target'
import type { Device } from '../runtime/device'
import { OnnxError } from '../runtime/errors'
import { Execution } from '../runtime/execution'
import type { OnnxOptions } from '../runtime/options'
import { ProgramCache } from '../runtime/program-cache'
import { DeviceTarget } from './device-target'
import { FrozenTensors } from './frozen-tensors'
import type { KernelHost } from './kernels/kernel-host'
import { Entry, Registry } from './registry'
import { Scalars } from './scalars'
import type { OnnxStats } from './stats'
import { type ReplayHost, StepReplays } from './step-replays'

/** Pending nodes from which on a gradient that begins cuts the graph. */
const cutNodes = 512

/**
 * A backend whose kernels record instead of computing. Reading a tensor, or `flush()`, runs everything that is recorded
 * and still wanted as one ONNX graph; a graph whose structure has been seen before runs in the session built for it.
 */
export class OnnxBackend extends KernelBackend implements KernelHost, ReplayHost {
  readonly recorder = new Recorder()
  readonly lowering: Lowering
  /** What replays need. */
  readonly execution: Execution
  private readonly frozen: FrozenTensors
  private readonly data: Registry
  private readonly programs: ProgramCache
  private readonly scalars: Scalars
  private tapeDepth = 0
  private readonly counters = { replays: 0, reads: 0, fallbacks: {} as Record<string, number> }

  constructor(
    private readonly device: Device,
    readonly options: OnnxOptions,
  ) {
    super()
    const { memoryBytes, sessionBytes, threads, splitBatch, tiling, winograd } = options
    const target = new DeviceTarget(device, threads)
    this.lowering = new Lowering(this.recorder, target, new Set(winograd ? [] : ['winograd']))
    const onProcessor = isOnProcessor(target)
    const limits = { bytes: sessionBytes, loopBytes: memoryBytes / 4, constantBytes: memoryBytes / 16 }
    const tuning = {
      tilingThreads: onProcessor && (tiling ?? threads === 1) ? threads : 0,
      tilesParts: tiling ?? true,
      turnsProducts: onProcessor,
      splitThreads: splitBatch && onProcessor ? device.parts : 1,
    }
    this.programs = new ProgramCache(device, limits, tuning)
    this.execution = new Execution(this.recorder, device, this.programs, options.constantBytes)
    this.frozen = new FrozenTensors(this.recorder, this.execution, target)
    this.scalars = new Scalars(this.recorder, (storage) => this.execution.letGo(storage))
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

  /** A value over a copy of `values`: tfjs lets callers reuse their arrays. */
  private leafOf(values: TypedArray | ArrayLike<number> | null, shape: readonly number[], dtype: GraphType): Value {
    const length = shape.reduce((n, d) => n * d, 1)
    const data = typedArray(dtype, length) as Float32Array
    if (values !== null && values !== undefined) data.set(values as Float32Array)
    if (length !== 1) return this.recorder.leaf(data, shape, dtype)
    // Only the elements are the same: one value for equal numbers would make a graph's structure depend on them.
    const value = new Value(shape, dtype)
    value.storage = this.scalars.of(data, dtype)
    return value
  }

  private entryFor(value: Value): Entry {
    this.execution.want(value)
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
    if (entry.value) this.execution.release(entry.value)
    return true
  }

  disposeIntermediateTensorInfo(info: TensorInfo): void {
    this.disposeData(info.dataId)
  }

  override readSync(dataId: DataId): BackendValues {
    const { strings, complex, value } = this.data.get(dataId)
    if (strings !== null) return strings
    if (complex !== null) {
      const [real, imag] = [complex.real, complex.imag].map((part) => this.readSync(part.dataId) as Float32Array)
      return backend_util.mergeRealAndImagArrays(real!, imag!)
    }
    this.counters.reads++
    return this.widened(value!, (whole) => this.execution.readSync(whole)) as BackendValues
  }

  override async read(dataId: DataId): Promise<BackendValues> {
    const { strings, complex, value } = this.data.get(dataId)
    if (strings !== null) return strings
    if (complex !== null) {
      const parts = [complex.real, complex.imag].map((part) => this.read(part.dataId))
      const [real, imag] = (await Promise.all(parts)) as Float32Array[]
      return backend_util.mergeRealAndImagArrays(real!, imag!)
    }
    this.counters.reads++
    return (await this.widened(value!, (whole) => this.execution.read(whole))) as BackendValues
  }

  /** What `read` makes of a value as tfjs knows it: halves are read as floats. */
  private widened<T>(value: Value, read: (whole: Value) => T): T {
    if (value.dtype !== 'float16') return read(value)
    const whole = this.recorder.convert(value, 'float32')
    this.execution.want(whole)
    const answer = read(whole)
    this.execution.release(whole)
    return answer
  }

  override dispose(): void {
    this.programs.clear()
    this.device.close()
  }

  // What kernels ask.

  value(info: TensorInfo): Value {
    const { value } = this.data.get(info.dataId)
    if (value === null)
      throw new OnnxError('unsupported-type', `tensors of type ${info.dtype} cannot be computed with here`)
    const shaped = this.recorder.reshape(value, info.shape)
    return shaped.dtype === 'float16' ? this.recorder.convert(shaped, 'float32') : shaped
  }

  tensor(value: Value): TensorInfo {
    const dataId = this.data.add(this.entryFor(value))
    return { dataId, shape: [...value.shape], dtype: value.dtype as DataType }
  }

  alias(info: TensorInfo, shape: number[]): TensorInfo {
    this.incRef(info.dataId)
    return { dataId: info.dataId, shape, dtype: info.dtype }
  }

  joinComplex(real: TensorInfo, imag: TensorInfo): TensorInfo {
    const part = (info: TensorInfo) => this.tensor(this.value(info))
    const dataId = this.data.add(new Entry(null, null, { real: part(real), imag: part(imag) }))
    return { dataId, shape: [...real.shape], dtype: 'complex64' }
  }

  partOfComplex({ dataId, shape }: TensorInfo, part: 'real' | 'imag'): TensorInfo {
    return this.tensor(this.recorder.reshape(this.value(this.data.get(dataId).complex![part]), shape))
  }

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

  copyFrom(other: KernelBackend, { dataId, shape, dtype }: TensorInfo): TensorInfo {
    return { dataId: this.write(other.readSync(dataId) as BackendValues, shape, dtype), shape, dtype }
  }

  countFallback(kernel: string): void {
    const { fallbacks } = this.counters
    fallbacks[kernel] = (fallbacks[kernel] ?? 0) + 1
  }

  /**
   * Programs that never read, nor say where a step ends, are cut where a gradient begins: there the step before is complete, and
   * the cut falls on the same node every time.
   */
  beforeKernel(): void {
    const { gradientDepth } = engine().state
    const begins = gradientDepth > this.tapeDepth
    this.tapeDepth = gradientDepth
    const pending = this.recorder.pendingCount
    if ((begins && pending > cutNodes) || pending > this.options.maxPendingNodes) this.flush()
  }

  // What programs ask.

  /** The memory to count on, in bytes; see `OnnxOptions`. */
  get memoryBytes(): number {
    return this.options.memoryBytes
  }

  /** Runs what is recorded. Call it at the end of a training step that reads nothing. */
  flush(): void {
    this.execution.flush()
  }

  /**
   * Says that a tensor's elements are the same as long as it lives, as a backbone's weights are: programs may hold them as
   * constants of their own, which products put into the order they want once, and a GPU receives once.
   */
  freeze({ dataId }: TensorInfo): void {
    this.frozen.freeze(this.data.get(dataId))
  }

  /** Whether narrow copies of frozen tensors are computed with here; see `quantize` and `narrow`. */
  get takesNarrow(): boolean {
    return this.frozen.takesNarrow
  }

  /**
   * Keeps a tensor's elements as halves (16 bits) from here on, rounded to the nearest: programs widen them to floats. The tensor
   * is frozen; read, it is of floats as before.
   * @throws OnnxError `unsupported-type` where it is not of floats, or a GPU computes
   */
  narrow({ dataId, shape }: TensorInfo): void {
    this.frozen.narrow(this.data.get(dataId), shape)
  }

  /**
   * Makes a copy of a matrix [outputs, inputs] in eight bits, which products of rows by its transpose inside `inInt8` take. It
   * lasts as long as the matrix, which is frozen as well.
   * @throws OnnxError `unsupported-type` where the tensor is no matrix of floats, or a GPU computes
   */
  quantize({ dataId, shape }: TensorInfo): void {
    this.frozen.quantize(this.data.get(dataId), shape)
  }

  /** Records what `work` computes with products by quantized matrices in eight bits, and answers what it does. */
  inInt8<T>(work: () => T): T {
    return this.lowering.inInt8(work)
  }

  // What replays ask.

  /** The value of a tensor as it is registered; undefined for what is not here, and for strings and complex numbers. */
  storedValue({ dataId }: TensorInfo): Value | undefined {
    return this.data.has(dataId) ? (this.data.get(dataId).value ?? undefined) : undefined
  }

  get readCount(): number {
    return this.counters.reads
  }

  tensorOf(value: Value): Tensor {
    return engine().makeTensorFromTensorInfo(this.tensor(value))
  }

  countReplay(): void {
    this.counters.replays++
  }

  /** What a step that is called again and again keeps to be replayed; see `replayed`. */
  replays(): StepReplays {
    return new StepReplays(this)
  }

  /** A tensor that replays make anew; see the function of this name. */
  renewed(make: () => Float32Array, shape: number[]): Tensor {
    const value = this.leafOf(make(), shape, 'float32')
    this.execution.observer?.renews(value, make)
    return this.tensorOf(value)
  }

  stats(): OnnxStats {
    const { builds, buildMs, runMs, poolBytes, buffers } = this.device.stats()
    const { flushes, lastNodes } = this.execution
    const { count, split, bytes, evictions, respecialisations } = this.programs
    return {
      execution: this.device.concurrent ? 'worker' : 'inline',
      provider: this.device.provider,
      ...this.counters,
      fallbacks: { ...this.counters.fallbacks },
      ...{ flushes, lastNodes, builds, buildMs, runMs, poolBytes, buffers },
      ...{ sessions: count, split, sessionBytes: bytes, evictions, respecialisations },
    }
  }
}
