import { type NamedTensorMap, type Tensor, engine } from '@tensorflow/tfjs-core'

const run = (kernel: string, inputs: NamedTensorMap, attrs: Record<string, number> = {}): Tensor[] => {
  const outputs: Tensor | Tensor[] = engine().runKernel(kernel, inputs, attrs)
  return Array.isArray(outputs) ? outputs : [outputs]
}

/** The part of TensorFlow.js' engine that `tf.customGrad` is made of. */
interface KernelRunner {
  runKernelFunc(kernel: {
    inputs: NamedTensorMap
    forwardFunc(backend: unknown, save: (tensors: Tensor[]) => void): Tensor
    backwardsFunc(dy: Tensor, saved: Tensor[]): Record<string, () => Tensor>
  }): Tensor
}

/**
 * Runs a kernel whose first output, y, alone goes on the tape; the others are saved for the gradient, after the inputs that
 * `kept` names (or `y`). For outputs on the tape that no gradient reaches, autodiff would make zeros, as large as they are, in
 * every step.
 */
function withGradient(
  kernel: string,
  inputs: NamedTensorMap,
  attrs: Record<string, number>,
  kept: string[],
  gradient: (dy: Tensor, saved: Tensor[]) => Tensor[],
): Tensor {
  const runner = engine() as unknown as KernelRunner
  return runner.runKernelFunc({
    inputs,
    forwardFunc: (_, save) => {
      const [y, ...more] = run(kernel, inputs, attrs)
      save([...kept.map((name) => (name === 'y' ? y! : inputs[name]!)), ...more])
      return y!
    },
    // All gradients are recorded at once; what nobody asks for is never computed.
    backwardsFunc: (dy, saved) => {
      const gradients = gradient(dy, saved)
      return Object.fromEntries(Object.keys(inputs).map((name, i) => [name, () => gradients[i]!]))
    },
  })
}

/**
 * Layer normalisation of the last axis, `(x − mean)/√(variance + epsilon)·gamma + beta` (Ba et al., arXiv:1607.06450),
 * with a gradient of its own.
 *
 * @param x [..., width]
 * @param gamma, beta [width]
 */
export function layerNorm(x: Tensor, gamma: Tensor, beta: Tensor, epsilon = 1e-6): Tensor {
  return withGradient('FusedLayerNorm', { x, gamma, beta }, { epsilon }, ['x', 'gamma'], (dy, saved) => {
    const [x, gamma, mean, inverseDeviation] = saved as [Tensor, Tensor, Tensor, Tensor]
    return run('FusedLayerNormGrad', { dy, x, gamma, mean, inverseDeviation })
  })
}

/** `x·Φ(x)` by the exact error function (Hendrycks & Gimpel, arXiv:1606.08415), with a gradient of its own. */
export function gelu(x: Tensor): Tensor {
  return withGradient('FusedGelu', { x }, {}, ['x'], (dy, [x]) => run('FusedGeluGrad', { dy, x: x! }))
}

/**
 * `softmax(scale·q·kᵀ)·v` for every head (Vaswani et al., arXiv:1706.03762), with a gradient of its own.
 *
 * @param q [batch, heads, queries, headWidth]
 * @param k, v [batch, heads, keys, headWidth]
 * @param scale default `1/√headWidth`
 */
export function scaledDotProductAttention(
  q: Tensor,
  k: Tensor,
  v: Tensor,
  scale = 1 / Math.sqrt(q.shape.at(-1)!),
): Tensor {
  return withGradient('FusedAttention', { q, k, v }, { scale }, ['q', 'k', 'v', 'y'], (dy, saved) => {
    const [q, k, v, y, probabilities] = saved as [Tensor, Tensor, Tensor, Tensor, Tensor]
    return run('FusedAttentionGrad', { dy, q, k, v, y, probabilities }, { scale })
  })
}
