import type { PilotMapping } from '@pilotjs/core'
import { memoryPilotKeys } from '@pilotjs/rehearsal'

/** How PILOT's `exps/dgr.json` and its tensors read. */
export const pilot: PilotMapping = {
  modelNames: ['dgr'],
  keys: {
    ...memoryPilotKeys,
    batch_size: 'batchSize',
    init_epoch: 'baseEpochs',
    init_lr: 'baseLearningRate',
    init_weight_decay: 'baseWeightDecay',
    epochs: 'epochs',
    lrate: 'learningRate',
    weight_decay: 'weightDecay',
    lambda: 'distillationWeight',
    gammar_r: 'decay',
    T: 'temperature',
  },
  tensors: { 'net.': 'backbone.', 'head.': 'fc.', 'memory.means': 'class_means' },
}
