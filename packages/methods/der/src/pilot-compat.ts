import { stagedRecipePilotKeys } from '@pilotjs/core/pilot-config'
import type { PilotMapping } from '@pilotjs/core'
import { memoryPilotKeys } from '@pilotjs/rehearsal'

/** How PILOT's `exps/der.json` and its tensors read. */
export const pilot: PilotMapping = {
  modelNames: ['der'],
  keys: { ...memoryPilotKeys, ...stagedRecipePilotKeys, T: { ignored: 'DER does not distil' } },
  tensors: { 'nets.': 'backbones.', 'head.': 'fc.', 'auxiliary.': 'aux_fc.', 'memory.means': 'class_means' },
}
