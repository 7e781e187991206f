import type { PilotMapping } from '@pilotjs/core'
import { slowLearnerPilotKeys, slowLearnerPilotTensors } from '@pilotjs/statistics'

/** How PILOT's `exps/slca.json` and its tensors read. */
export const pilot: PilotMapping = {
  modelNames: ['slca'],
  keys: slowLearnerPilotKeys,
  tensors: slowLearnerPilotTensors,
}
