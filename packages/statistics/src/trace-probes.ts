import { createRng } from '@pilotjs/core/random'
import { eye, tensor2d } from '@tensorflow/tfjs-core'
import type { Tensor2D } from '@tensorflow/tfjs-core'

/** Enough for the slopes of a ridge's evidence to say where its least is; their solves cost little beside a factorisation. */
const drawn = 64

/**
 * Z with E[Z Zᵀ] = I, so that Σ Z ∘ (B Z) estimates the trace of B without its diagonal: columns of signs, always the same ones,
 * over √columns (Hutchinson, Communications in Statistics 19(2), 1990). Of up to 64 rows the unit vectors, which give the trace
 * itself.
 * @returns gives Z [size, columns] as a new tensor; the signs are drawn when it is first asked
 */
export function traceProbes(size: number): () => Tensor2D {
  if (size <= drawn) return () => eye(size)
  let signs: Float32Array | undefined
  return () => tensor2d((signs ??= drawSigns(size)), [size, drawn])
}

function drawSigns(size: number): Float32Array {
  const unit = 1 / Math.sqrt(drawn)
  return Float32Array.from(createRng(0).uniforms(size * drawn, -1, 1), (value) => (value < 0 ? -unit : unit))
}

/**
 * The standard deviation of such an estimate of tr B, at most: its variance is 2 / columns of the squares beside B's diagonal
 * (Avron & Toledo, Journal of the ACM 58(2), 2011, lemma 9).
 * @param squaredNorm ‖B‖², or where B is I − C, ‖C‖²: the identity is seen exactly
 */
export function traceDeviation(size: number, squaredNorm: number): number {
  return size <= drawn ? 0 : Math.sqrt((2 * Math.max(squaredNorm, 0)) / drawn)
}
