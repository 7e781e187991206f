import { withoutMemoryPilotKeys } from '@pilotjs/core/pilot-config'
import type { PilotMapping } from '@pilotjs/core'

const nothingTrains = { ignored: 'SimpleCIL trains nothing' } as const

/** How PILOT's `exps/simplecil.json` and its tensors read. */
export const pilot: PilotMapping = {
  modelNames: ['simplecil'],
  keys: {
    ...withoutMemoryPilotKeys,
    tuned_epoch: nothingTrains,
    init_lr: nothingTrains,
    batch_size: nothingTrains,
    weight_decay: nothingTrains,
    min_lr: nothingTrains,
    optimizer: nothingTrains,
    vpt_type: nothingTrains,
    prompt_token_num: nothingTrains,
  },
  tensors: { 'head.': 'fc.' },
}
