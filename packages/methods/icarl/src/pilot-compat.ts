import { stagedRecipePilotKeys } from '@pilotjs/core/pilot-config'
import type { PilotMapping } from '@pilotjs/core'
import { memoryPilotKeys } from '@pilotjs/rehearsal'

/** How PILOT's `exps/icarl.json` and its tensors read. */
export const pilot: PilotMapping = {
  modelNames: ['icarl'],
  keys: { ...memoryPilotKeys, ...stagedRecipePilotKeys, T: 'temperature' },
  tensors: { 'net.': 'backbone.', 'head.': 'fc.', 'memory.means': 'class_means' },
}
