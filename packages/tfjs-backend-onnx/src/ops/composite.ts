import { type Tensor, engine } from '@tensorflow/tfjs-core'

const run = (kernel: string, inputs: Record<string, Tensor>, attrs: Record<string, number> = {}) =>
  engine().runKernel(kernel, inputs as never, attrs) as unknown

/**
 * Layer normalisation of the last axis, `(x − mean)/√(variance + epsilon)·gamma + beta` (Ba et al., arXiv:1607.06450),
 * with a gradient of its own.
 *
 * @param x [..., width]
 * @param gamma, beta [width]
 */
export function layerNorm(x: Tensor, gamma: Tensor, beta: Tensor, epsilon = 1e-6): Tensor {
  return (run('PilotLayerNorm', { x, gamma, beta }, { epsilon }) as Tensor[])[0]!
}

/** `x·Φ(x)` by the exact error function (Hendrycks & Gimpel, arXiv:1606.08415), with a gradient of its own. */
export function gelu(x: Tensor): Tensor {
  return run('PilotGelu', { x }) as Tensor
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
  return (run('PilotAttention', { q, k, v }, { scale }) as Tensor[])[0]!
}
