import type { Preprocessing } from '@pilotjs/core'
import type { Transforms } from '@pilotjs/data'
import { pilotTransforms, transformsFor } from '@pilotjs/data'
import type { RunConfig } from '../run-directory/run-config'

/** Sides up to which a backbone's input counts as small: PILOT's transforms are made for larger ones. */
const SMALL = 64

/** How a run prepares its images, for training and for scoring alike. */
export function transformsOf({ compat }: Pick<RunConfig, 'compat'>, preprocessing: Preprocessing): Transforms {
  const [height] = preprocessing.inputSize
  return compat === 'pilot' && height > SMALL
    ? pilotTransforms({ preprocessing, compat })
    : transformsFor(preprocessing)
}
