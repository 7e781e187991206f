import type { Recorder } from '../graph/recorder'
import type { Value } from '../graph/value'
import { quantizeMatrix } from '../lowering/products/int8'
import { type Target, isOnProcessor } from '../lowering/target'
import { OnnxError } from '../runtime/errors'
import type { Execution } from '../runtime/execution'
import type { Entry } from './registry'

/** Tensors whose elements stay as they are, a model's weights say, in what forms they are held: whole, in halves, in eight bits. */
export class FrozenTensors {
  constructor(
    private readonly recorder: Recorder,
    private readonly execution: Execution,
    private readonly target: Target,
  ) {}

  /** Whether narrow copies are computed with here. */
  get takesNarrow(): boolean {
    return isOnProcessor(this.target)
  }

  /** Programs may hold the elements as constants of their own. */
  freeze({ value }: Entry): void {
    // single numbers are kept in common with whatever else has the same
    if (value?.dtype === 'float32' && value.size > 1) this.execution.materialise(value).isFrozen = true
  }

  /**
   * Halves in place of an entry's floats, rounded to the nearest.
   * @throws OnnxError `unsupported-type` where they are no floats, or a GPU computes
   */
  narrow(entry: Entry, shape: readonly number[]): void {
    const { value } = entry
    if (value?.dtype === 'float16') return
    if (value?.dtype !== 'float32' || value.size < 2 || !this.takesNarrow)
      throw this.refusal('tensors of several floats can be kept as halves', value, shape)
    this.execution.flush()
    const floats = this.execution.materialise(value)
    floats.isFrozen = false
    this.recorder.enter('Narrow')
    const halves = this.recorder.convert(this.recorder.stored(floats, value.shape), 'float16')
    this.execution.want(halves)
    this.execution.materialise(halves).isFrozen = true
    entry.value = halves
    this.execution.release(value)
  }

  /**
   * Eight bits beside a matrix' floats, as long as it lives.
   * @throws OnnxError `unsupported-type` where it is no matrix of floats, or a GPU computes
   */
  quantize({ value }: Entry, shape: readonly number[]): void {
    if (value?.dtype !== 'float32' || shape.length !== 2 || value.size < 2 || !this.takesNarrow)
      throw this.refusal('matrices of floats can be quantized', value, shape)
    this.execution.flush()
    const matrix = this.execution.materialise(value)
    if (matrix.quantized !== null) return
    // fed to one program for all matrices of its shape
    matrix.isFrozen = false
    this.recorder.enter('Quantize')
    const parts = quantizeMatrix(this.recorder, this.recorder.stored(matrix, shape))
    for (const part of [parts.numbers, parts.scales]) this.execution.want(part)
    const [numbers, scales] = [parts.numbers, parts.scales].map((part) => this.execution.materialise(part))
    for (const storage of [matrix, numbers!, scales!]) storage.isFrozen = true
    matrix.quantized = { shape, numbers: numbers!, scales: scales! }
  }

  private refusal(what: string, value: Value | null, shape: readonly number[]): OnnxError {
    return new OnnxError(
      'unsupported-type',
      `only ${what}, and only where a processor computes; this is ${value?.dtype ?? 'text'} [${shape.join()}] on ${this.target.provider}`,
    )
  }
}
