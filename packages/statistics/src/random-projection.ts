import { variableStore } from '@pilotjs/core/parameters'
import type { Part } from '@pilotjs/core/parts'
import type { Rng } from '@pilotjs/core/random'
import { matMul, relu, slice, tensor2d, tidy } from '@tensorflow/tfjs-core'
import type { Tensor2D } from '@tensorflow/tfjs-core'
import type { FeatureMap } from './feature-map'

export interface RandomProjectionOptions {
  /** Numbers per image before the projection. */
  width: number
  /** Numbers per image after it (RanPAC's M). */
  outputs: number
  rng: Rng
}

/**
 * relu(f W) with W [width, outputs] standard normal, drawn once: frozen non-linear features whose interactions a linear readout
 * can use (McDonnell et al., RanPAC, NeurIPS 2023).
 */
export function randomProjection({ width, outputs, rng }: RandomProjectionOptions): Part & FeatureMap {
  const store = variableStore()
  tidy(() => store.set('weight', tensor2d(rng.normals(width * outputs, 0, 1), [width, outputs])))
  return {
    outputs,
    apply: (features, columns) =>
      tidy(() => {
        const weight = store.get('weight') as Tensor2D
        const used = columns ? slice(weight, [0, columns.start], [width, columns.count]) : weight
        return relu(matMul<Tensor2D>(features, used))
      }),
    variables: store.all,
    restore: store.restore,
    dispose: store.dispose,
  }
}
