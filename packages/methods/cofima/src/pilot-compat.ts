import type { PilotMapping } from '@pilotjs/core'
import { slowLearnerPilotKeys, slowLearnerPilotTensors } from '@pilotjs/statistics'

/** How PILOT's `exps/cofima.json` and its tensors read. */
export const pilot: PilotMapping = {
  modelNames: ['cofima'],
  keys: { ...slowLearnerPilotKeys, fisher_weighting: 'fisherWeighting', wt_lambda: 'newerShare' },
  tensors(name) {
    const [, own] = /^fisher\.(.*)$/.exec(name) ?? []
    if (own === undefined) return slowLearnerPilotTensors(name)
    // An aligned head has one name with PILOT, a trained one two.
    return slowLearnerPilotTensors(own.replace(/^heads\./, 'aligned.')).map((theirs) => `fisher.${theirs}`)
  },
}
