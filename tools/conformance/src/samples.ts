import { createRng } from '@pilotjs/core/random'
import { tensor, util } from '@tensorflow/tfjs-core'
import type { Tensor } from '@tensorflow/tfjs-core'

/** Standard normal numbers, the same on every engine. */
export function sample<T extends Tensor>(shape: readonly number[], seed: number, deviation = 1): T {
  return tensor(createRng(seed).normals(util.sizeFromShape([...shape]), 0, deviation), [...shape]) as T
}
