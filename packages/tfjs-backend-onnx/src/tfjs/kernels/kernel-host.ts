import type { KernelBackend, TensorInfo } from '@tensorflow/tfjs-core'
import type { Recorder } from '../../graph/recorder'
import type { Value } from '../../graph/value'
import type { Lowering } from '../../lowering/lowering'

/** What kernels ask of the backend they run on. */
export interface KernelHost {
  readonly recorder: Recorder
  readonly lowering: Lowering
  /** Called before a kernel records. */
  beforeKernel(): void
  /** The value of a tensor, in the tensor's shape (tensors of several shapes may be aliases of one data id). */
  value(info: TensorInfo): Value
  /** A new tensor for a value. */
  tensor(value: Value): TensorInfo
  /** The same data id for a tensor of another shape. */
  alias(info: TensorInfo, shape: number[]): TensorInfo
  /** A complex tensor of two real ones. */
  joinComplex(real: TensorInfo, imag: TensorInfo): TensorInfo
  /** The real or imaginary part of a complex tensor. */
  partOfComplex(info: TensorInfo, part: 'real' | 'imag'): TensorInfo
  /** A copy of a tensor on another backend. */
  copyTo(other: KernelBackend, info: TensorInfo): TensorInfo
  /** A copy of another backend's tensor. */
  copyFrom(other: KernelBackend, info: TensorInfo): TensorInfo
  countFallback(kernel: string): void
}
