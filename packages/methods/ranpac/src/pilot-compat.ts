import type { PilotMapping } from '@pilotjs/core'
import { firstTaskPilotKeys } from '@pilotjs/peft'
import { ridgeStrengths, selectRidge } from '@pilotjs/statistics'
import type { FeatureMap } from '@pilotjs/statistics'
import type { Tensor2D } from '@tensorflow/tfjs-core'

/** How PILOT's `exps/ranpac.json` and its tensors read. */
export const pilot: PilotMapping = {
  modelNames: ['ranpac'],
  keys: {
    ...firstTaskPilotKeys,
    use_RP: 'randomProjection',
    M: 'projectionSize',
    use_simplecil: { ignored: 'PILOT does not read it' },
  },
  tensors: {
    'net.': 'backbone.',
    'projection.0.weight': 'W_rand',
    'statistics.gram': 'G',
    'statistics.classSums': 'Q',
    'head.': 'fc.',
  },
}

/**
 * The ridge strength by the error on a fifth of the task's images. Below 1 PILOT's float32 solves a singular system, and rounding
 * makes the errors there large: of strengths that are equal but for that it takes a large one.
 * @param features [images, width], before the map
 */
export async function strengthAsPilot(features: Tensor2D, labels: ArrayLike<number>, map: FeatureMap): Promise<number> {
  const strengths = ridgeStrengths.filter((strength) => strength >= 1)
  const classes = Math.max(...Array.from(labels, (label) => label + 1))
  return (await selectRidge(features, labels, { map, classes, strengths, tolerance: 0 })).strength
}
