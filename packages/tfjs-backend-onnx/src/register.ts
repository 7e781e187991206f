import { type Tensor, findBackend, registerBackend } from '@tensorflow/tfjs-core'
import { OnnxBackend } from './backend'
import { backendName } from './kernels/define'
import { registerLeanGradients } from './kernels/gradients'
import './kernels/register'
import type { OnnxOptions } from './options'

let options: Partial<OnnxOptions> = {}

/** tfjs' own backends have priorities 1 (cpu) to 3 (webgpu). */
const priority = 5
registerBackend(
  backendName,
  () => {
    registerLeanGradients()
    return new OnnxBackend(options)
  },
  priority,
)

/** Sets options for the backend. Call it before the backend is first used (`tf.setBackend('onnx')`). */
export function configureOnnx(chosen: Partial<OnnxOptions>): void {
  options = { ...options, ...chosen }
}

/** The backend in use or created on demand. */
export function onnxBackend(): OnnxBackend {
  return findBackend(backendName) as OnnxBackend
}

/** Says that tensors keep their elements as long as they live, so that programs may hold them as constants: a model's weights. */
export function freeze(...tensors: Tensor[]): void {
  for (const tensor of tensors) onnxBackend().freeze(tensor)
}

/** Runs what is recorded: a training step's last call, so that a step is one graph. Does nothing where nothing is pending. */
export function flush(): void {
  onnxBackend().flush()
}
