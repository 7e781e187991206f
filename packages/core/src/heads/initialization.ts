import type { Rng } from '../random/rng'

/**
 * How the rows of a linear weight are drawn:
 * - `kaimingUniform`: U(±√(3/width)), gain 1 (He et al., 2015): PILOT's `SimpleLinear`
 * - `torch`: U(±√(1/width)), torch's default for `nn.Linear`, for the bias too: PILOT's cosine heads have it for their weight
 * - `truncatedNormal`: deviation 0.02, timm's default for heads
 * - `zeros`
 */
export type Initialization = 'kaimingUniform' | 'torch' | 'truncatedNormal' | 'zeros'

/** `size` numbers of a weight that takes `width` inputs. */
export function drawWeight(initialization: Initialization, size: number, width: number, rng: Rng): Float32Array {
  switch (initialization) {
    case 'kaimingUniform':
      return rng.uniforms(size, -Math.sqrt(3 / width), Math.sqrt(3 / width))
    case 'torch':
      return rng.uniforms(size, -Math.sqrt(1 / width), Math.sqrt(1 / width))
    case 'truncatedNormal':
      return rng.normals(size, 0, 0.02)
    case 'zeros':
      return new Float32Array(size)
  }
}
