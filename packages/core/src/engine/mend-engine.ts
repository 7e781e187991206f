import * as tf from '@tensorflow/tfjs-core'
import type { KernelConfig, NamedTensorInfoMap, TensorInfo } from '@tensorflow/tfjs-core'
import { bridgeMissingKernels, replaceByCpuKernel } from './cpu-kernels'

/** What the engine that is set gets wrong is replaced, once for each; nothing happens for engines that are known to be right. */
export function mendEngine(): void {
  const name = tf.getBackend()
  if (mended.has(name)) return
  mended.add(name)
  if (name === 'wasm') mendWasm()
  if (name === 'webgl') mendWebgl()
}
const mended = new Set<string>()

/**
 * TensorFlow.js' WebGL backend (4.22.0) packs four numbers into a pixel, and pads odd rows and columns. Operations that do not
 * map 0 to 0 (exp, a sum with a bias) leave numbers in the padding, and a product over an odd axis of two such tensors adds them
 * up: gradients are then off by per cents. Unpacked textures have no padding.
 */
function mendWebgl(): void {
  tf.env().set('WEBGL_PACK', false)
}

/**
 * TensorFlow.js' WebAssembly backend (4.22.0). Its fused product adds the bias to the wrong elements where a matrix is
 * transposed, its one-hot rows of floats hold the bits of integers, and its gradient of max pooling goes to the wrong pixels. It
 * has no gradient of a convolution by its filter, and none of gathering rows. The suite in tools/conformance says so.
 */
function mendWasm(): void {
  for (const kernelName of ['MaxPoolGrad', 'OneHot']) replaceByCpuKernel(kernelName, 'wasm')
  tf.unregisterKernel('_FusedMatMul', 'wasm')
  tf.registerKernel(fusedMatMul)
  bridgeMissingKernels('wasm')
}

interface FusedMatMulAttributes {
  transposeA: boolean
  transposeB: boolean
  activation: string
}

/** Kernels that may follow a fused product, by the activation's name. */
const activations: Readonly<Record<string, string>> = { relu: 'Relu', relu6: 'Relu6', elu: 'Elu', sigmoid: 'Sigmoid' }

/** A fused product from the backend's own product and sum. */
const fusedMatMul: KernelConfig = {
  kernelName: '_FusedMatMul',
  backendName: 'wasm',
  kernelFunc: ({ inputs, backend, attrs }) => {
    const { a, b, bias, preluActivationWeights } = inputs as Record<'a' | 'b', TensorInfo> &
      Partial<Record<'bias' | 'preluActivationWeights', TensorInfo>>
    const { transposeA, transposeB, activation, ...rest } = attrs as unknown as FusedMatMulAttributes
    const run = (kernelName: string, inputs: NamedTensorInfoMap, attrs: object = {}): TensorInfo =>
      tf.getKernel(kernelName, 'wasm').kernelFunc({ inputs, backend, attrs: { ...attrs } }) as TensorInfo
    const then = (from: TensorInfo, kernelName: string, inputs: NamedTensorInfoMap, attrs?: object): TensorInfo => {
      const next = run(kernelName, inputs, attrs)
      ;(backend as tf.KernelBackend).disposeData(from.dataId)
      return next
    }
    let result = run('BatchMatMul', { a, b }, { transposeA, transposeB })
    if (bias) result = then(result, 'Add', { a: result, b: bias })
    if (activation === 'linear') return result
    if (activation === 'prelu') return then(result, 'Prelu', { x: result, alpha: preluActivationWeights! })
    if (activation === 'leakyrelu')
      return then(result, 'LeakyRelu', { x: result }, { alpha: (rest as { leakyreluAlpha?: number }).leakyreluAlpha })
    const kernelName = activations[activation]
    if (!kernelName) throw new Error(`activation ${activation} does not follow a fused product on the wasm backend`)
    return then(result, kernelName, { x: result })
  },
}
