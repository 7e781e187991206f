import type { Learner } from '@pilotjs/core'
import type { RgbImage } from '@pilotjs/data'
import type { HeldOut } from '../calibration/held-out'
import { scoreHeldOut, settleHeldOut, trimHeldOut } from '../calibration/held-out'
import { chooseThreshold } from '../calibration/novelty'
import { fitTemperature } from '../calibration/temperature'
import type { Calibration } from '../classifier'
import type { Preparation } from '../images/image-pool'
import type { SharedLearner } from './shared-learner'

/**
 * All that a classifier knows at one moment. It is replaced, never changed: who looks at it sees one state, whatever is learned
 * meanwhile.
 */
export interface Knowledge {
  /** Absent before the first class. */
  readonly shared?: SharedLearner
  /** Tasks that the learner has learned. */
  readonly tasks: number
  readonly classes: readonly string[]
  /** Images that each class has had, those kept back included. */
  readonly counts: readonly number[]
  readonly heldOut: HeldOut
  /** Images that the learner's state names, by their keys: its exemplars. */
  readonly exemplars: ReadonlyMap<string, RgbImage>
  /** How many images have had a name. */
  readonly named: number
  readonly calibration: Calibration
}

export const uncalibrated: Calibration = { temperature: 1, heldOut: 0, taught: 0, unknownThreshold: null }

export const nothingKnown: Knowledge = {
  tasks: 0,
  classes: [],
  counts: [],
  heldOut: { images: [] },
  exemplars: new Map(),
  named: 0,
  calibration: uncalibrated,
}

/** The held-out images as they are to be kept beside this learner, and what they say of its scores. */
export async function calibrated(
  held: HeldOut,
  classes: number,
  learner: Learner,
  preparation: Preparation,
): Promise<Pick<Knowledge, 'heldOut' | 'calibration'>> {
  const trimmed = { ...held, images: trimHeldOut(held.images, classes) }
  const heldOut = await settleHeldOut(trimmed, learner, preparation)
  const scored = await scoreHeldOut(heldOut, classes, learner, preparation)
  const temperature = fitTemperature(scored)
  const taught = heldOut.images.filter((image) => image.taught).length
  const unknownThreshold = chooseThreshold(scored)
  return {
    heldOut,
    calibration: { temperature, heldOut: heldOut.images.length - taught, taught, unknownThreshold },
  }
}
