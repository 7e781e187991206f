import {
  type Tensor,
  engine,
  findBackend,
  findBackendFactory,
  registerBackend,
  removeBackend,
} from '@tensorflow/tfjs-core'
import { OnnxError } from '../runtime/errors'
import type { OnnxOptions } from '../runtime/options'
import type { Runtime } from '../runtime/runtime'
import { OnnxBackend } from './backend'
import { backendName } from './backend-name'
import { registerLeanGradients } from './gradients'
import { registerKernels } from './kernels/all-kernels'

/** tfjs' own backends have priorities 1 (cpu) to 3 (webgpu). */
const priority = 5

/** What makes the backend when it is first used; tfjs keeps it. */
interface Factory {
  (): OnnxBackend | Promise<OnnxBackend>
  runtime: Runtime
  chosen: Partial<OnnxOptions>
}

/** A backend that is nowhere registered. */
export function createBackend(runtime: Runtime, chosen: Partial<OnnxOptions>): OnnxBackend | Promise<OnnxBackend> {
  const options = { ...runtime.defaults(chosen.memoryBytes), ...chosen }
  const device = runtime.createDevice(options)
  return device instanceof Promise
    ? device.then((ready) => new OnnxBackend(ready, options))
    : new OnnxBackend(device, options)
}

/** Registers the backend, which starts when it is first used, and its kernels. */
export function registerOnnx(runtime: Runtime, chosen: Partial<OnnxOptions> = {}): void {
  registerKernels(backendName)
  const start = () => {
    registerLeanGradients()
    return createBackend(runtime, chosen)
  }
  const factory: Factory = Object.assign(start, { runtime, chosen })
  registerBackend(backendName, factory, priority)
}

/**
 * Sets options for the backend. Call it before the backend is first used (`tf.setBackend('onnx')`).
 * @throws OnnxError `bad-option` where it has been used
 */
export function configureOnnx(chosen: Partial<OnnxOptions>): void {
  if (backendName in engine().registry)
    throw new OnnxError('bad-option', "configureOnnx must be called before the backend 'onnx' is first used")
  const { runtime, chosen: before } = findBackendFactory(backendName) as Factory
  removeBackend(backendName)
  registerOnnx(runtime, { ...before, ...chosen })
}

/**
 * The backend in use or created on demand.
 * @throws OnnxError `bad-option` in a page that has not waited for `tf.setBackend('onnx')`
 */
export function onnxBackend(): OnnxBackend {
  const backend = findBackend(backendName) as OnnxBackend | null
  if (backend === null)
    throw new OnnxError('bad-option', "the backend has not started: await tf.setBackend('onnx') comes first")
  return backend
}

/** Says that tensors keep their elements as long as they live, so that programs may hold them as constants: a model's weights. */
export function freeze(...tensors: Tensor[]): void {
  for (const tensor of tensors) onnxBackend().freeze(tensor)
}

/**
 * Makes copies of matrices [outputs, inputs] in eight bits, for products of rows by their transposes inside `inInt8`. The
 * matrices are frozen; a copy lasts as long as its matrix.
 * @throws OnnxError `unsupported-type` for anything but matrices of floats, and where a GPU computes
 */
export function quantize(...matrices: Tensor[]): void {
  for (const matrix of matrices) onnxBackend().quantize(matrix)
}

/**
 * Computes what `work` asks for with products by quantized matrices in eight bits: rows are quantized as they come, each by a
 * scale of its own, and whole numbers added. Answers what `work` does.
 */
export const inInt8 = <T>(work: () => T): T => onnxBackend().inInt8(work)

/**
 * Keeps the elements of tensors as halves from here on, in half the memory and rounded to the nearest; they are frozen, and read
 * as floats.
 * @throws OnnxError `unsupported-type` for what is not of several floats, and where a GPU computes
 */
export function narrow(...tensors: Tensor[]): void {
  for (const tensor of tensors) onnxBackend().narrow(tensor)
}

/** Runs what is recorded: a training step's last call, so that a step is one graph. Does nothing where nothing is pending. */
export function flush(): void {
  onnxBackend().flush()
}
