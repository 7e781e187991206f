import type { JsonValue, PilotMapping, PilotRule } from '@pilotjs/core'

/** PILOT takes 0 and false for "not given", and has a value of its own then. */
const unlessZero = (option: string, otherwise?: number): PilotRule => ({
  read(value): Readonly<Record<string, JsonValue>> {
    const taken = value === 0 || value === false ? otherwise : value
    return taken === undefined ? {} : { [option]: taken }
  },
})
const unread = (why: string): PilotRule => ({ ignored: `PILOT’s DUCT does not use it: ${why}` })

/** How PILOT's `exps/duct.json` and its tensors read. */
export const pilot: PilotMapping = {
  modelNames: ['duct'],
  // What PILOT takes where a config says nothing.
  implied: () => ({ mergeShare: 0.99, headShare: 0.5 }),
  keys: {
    epochs: 'epochs',
    epc_init: unlessZero('baseEpochs'),
    epc_re: unlessZero('retrainEpochs', 5),
    batch_size: 'batchSize',
    lrate: 'learningRate',
    lr_re: unread('the head, trained anew, has a rate of its own in the optimizer, lrate'),
    bcb_lr_scale: unlessZero('backboneScale', 0.01),
    weight_decay: 'weightDecay',
    milestones: unread('its schedule is a third of the rate for five epochs'),
    lrate_decay: unread('its schedule is a third of the rate for five epochs'),
    merge_scalar: unlessZero('mergeShare', 0.99),
    continual_merge: { read: (value) => ({ merging: value ? 'average' : 'taskVectors' }) },
    head_merge_ratio: unlessZero('headShare', 0.5),
    ot_reg: unlessZero('regularization', 0.02),
    cls_fixed: {
      accepts: [false],
      reason: 'all logits against labels counted from 0 are for domains of the same classes',
    },
  },
  // Plans and means of the moment.
  unkept: ['class_means_after_train', 'ot_cost', 'ot_T'],
  tensors: { 'net.': 'backbone.', 'head.': 'fc.', 'means.weight': 'class_means' },
}
