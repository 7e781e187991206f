import type { PilotMapping } from '@pilotjs/core'
import { firstTaskPilotKeys } from '@pilotjs/peft'

/** How PILOT's `exps/fecam.json` and its tensors read. */
export const pilot: PilotMapping = {
  modelNames: ['fecam'],
  keys: {
    ...firstTaskPilotKeys,
    resume: { ignored: 'PILOT sets it to false whatever a config says' },
  },
  // Records have few classes: all are in the first block.
  tensors: { 'net.': 'backbone.', 'head.': 'fc.', 'precisions.0': 'inv_cov_mats' },
  // The singular values and the correlations that PILOT inverts at every prediction.
  unkept: ['cov_mats', 'svals'],
  scoresAre: 'distances',
}
