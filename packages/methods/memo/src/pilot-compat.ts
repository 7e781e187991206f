import { stagedRecipePilotKeys } from '@pilotjs/core/pilot-config'
import type { JsonValue, PilotMapping } from '@pilotjs/core'
import { memoryPilotKeys } from '@pilotjs/rehearsal'

/** How PILOT's `exps/memo.json` and its tensors read. */
export const pilot: PilotMapping = {
  modelNames: ['memo'],
  keys: {
    ...memoryPilotKeys,
    ...stagedRecipePilotKeys,
    train_base: 'trainTrunk',
    train_adaptive: 'trainOldBlocks',
    alpha_aux: 'noveltyWeight',
    scheduler: { read: (value) => ({ schedule: value === 'steplr' ? 'multiStep' : value }) },
    t_max: { read: (value): Record<string, JsonValue> => (value === null ? {} : { cosineEpochs: value }) },
    skip: { accepts: [false], reason: "PILOT's checkpoint of the first task is not read: it is trained" },
    debug: { ignored: 'PILOT itself does not read it' },
  },
  tensors: (name) => [
    name
      .replace(/^trunk\./, 'TaskAgnosticExtractor.')
      .replace(/^ends\.(\d+)\./, 'AdaptiveExtractors.$1.')
      .replace(/^(AdaptiveExtractors\.\d+\.)blocks\.\d+\./, '$1last_block.')
      .replace(/^head\./, 'fc.')
      .replace(/^auxiliary\./, 'aux_fc.')
      .replace(/^memory\.means$/, 'class_means'),
  ],
}
