import { recipePilotKeys } from '@pilotjs/core/pilot-config'
import type { PilotMapping } from '@pilotjs/core'

/** How PILOT's `exps/lae.json` and its tensors read. */
export const pilot: PilotMapping = {
  modelNames: ['lae'],
  keys: {
    ...recipePilotKeys,
    // PILOT hangs adapters where nothing looks for them; its recorded runs have one in which they were called all the same.
    pet_cls: {
      read: (value, { golden_adapter_on_block: called }) => ({
        module: String(value).toLowerCase(),
        idleAdapters: called !== true,
      }),
    },
    golden_adapter_on_block: { ignored: 'read along with pet_cls' },
    pet_length: 'length',
    down_sample_dim: 'bottleneck',
    ema_decay: 'decay',
    num_freeze_epochs: 'freezeEpochs',
    reinit_optimizer: { accepts: [true], reason: 'every task gets an optimizer of its own' },
  },
  tensors: { 'online.': 'pets.', 'offline.': 'pets_emas.', 'head.': 'fc.' },
}
