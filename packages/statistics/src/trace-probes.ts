import { createRng } from '@pilotjs/core/random'
import { eye, tensor2d } from '@tensorflow/tfjs-core'
import type { Tensor2D } from '@tensorflow/tfjs-core'

/** Deviates by some √(2 / 16) / √size of the trace. */
const drawn = 16

/**
 * Z with E[Z Zᵀ] = I, so that Σ Z ∘ (B Z) estimates the trace of B without its diagonal: columns of signs, always the same ones,
 * over √columns (Hutchinson, Communications in Statistics 19(2), 1990). Of up to 16 rows the unit vectors, which give the trace
 * itself.
 * @returns [size, columns]
 */
export function traceProbes(size: number): Tensor2D {
  if (size <= drawn) return eye(size)
  const rng = createRng(0)
  const unit = 1 / Math.sqrt(drawn)
  return tensor2d(
    Float32Array.from(rng.uniforms(size * drawn, -1, 1), (value) => (value < 0 ? -unit : unit)),
    [size, drawn],
  )
}
