import type { PilotMapping } from '@pilotjs/core'
import { memoryPilotKeys } from '@pilotjs/rehearsal'

/** How PILOT's `exps/coil.json` and its tensors read. */
export const pilot: PilotMapping = {
  modelNames: ['coil'],
  keys: {
    ...memoryPilotKeys,
    sinkhorn: 'sinkhornRegularization',
    norm_term: 'distancePower',
    reg_term: 'retrospectiveWeight',
    T: 'temperature',
    epochs: 'epochs',
    batch_size: 'batchSize',
    lrate: 'learningRate',
    milestones: 'milestones',
    lrate_decay: 'learningRateDecay',
    calibration_term: { ignored: 'PILOT computes it anew before it first reads it' },
  },
  tensors: { 'net.': 'backbone.', 'head.': 'fc.', 'memory.means': 'class_means' },
}
