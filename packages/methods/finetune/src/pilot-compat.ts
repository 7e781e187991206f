import { stagedRecipePilotKeys, withoutMemoryPilotKeys } from '@pilotjs/core/pilot-config'
import type { PilotMapping } from '@pilotjs/core'

/** How PILOT's `exps/finetune.json` and its tensors read. */
export const pilot: PilotMapping = {
  modelNames: ['finetune'],
  keys: { ...stagedRecipePilotKeys, ...withoutMemoryPilotKeys },
  tensors: { 'net.': 'backbone.', 'head.': 'fc.' },
}
