import type { PilotMapping } from '@pilotjs/core'
import { memoryPilotKeys } from '@pilotjs/rehearsal'

/** How PILOT's `exps/foster.json` and its tensors read. */
export const pilot: PilotMapping = {
  modelNames: ['foster'],
  keys: {
    ...memoryPilotKeys,
    beta1: 'boostingBeta',
    beta2: 'compressionBeta',
    oofc: { read: (value) => ({ newClassesReadOldFeatures: value === 'ft' }) },
    is_teacher_wa: 'alignTeacher',
    is_student_wa: 'alignStudent',
    wa_value: 'alignmentShare',
    lambda_okd: 'distillationWeight',
    T: 'temperature',
    batch_size: 'batchSize',
    init_epochs: 'baseEpochs',
    init_lr: 'baseLearningRate',
    init_weight_decay: 'baseWeightDecay',
    boosting_epochs: 'boostingEpochs',
    compression_epochs: 'compressionEpochs',
    lr: 'learningRate',
    weight_decay: 'weightDecay',
  },
  tensors: {
    'nets.': 'backbones.',
    'head.': 'fc.',
    'featureHead.': 'fe_fc.',
    'oldHead.': 'oldfc.',
    'student.': 'snet.backbones.',
    'studentHead.': 'snet.fc.',
    'memory.means': 'class_means',
  },
}
