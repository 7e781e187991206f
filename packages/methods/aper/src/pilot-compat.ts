import type { PilotMapping } from '@pilotjs/core'
import { firstTaskPilotKeys } from '@pilotjs/peft'

/** How PILOT's `exps/aper_*.json` and its tensors read. */
export const pilot: PilotMapping = {
  modelNames: ['aper_adapter', 'aper_ssf', 'aper_vpt', 'aper_finetune', 'aper_bn'],
  keys: firstTaskPilotKeys,
  // PILOT trains the network as `backbone` and keeps it as the second of two `backbones`.
  tensors: { 'net.': ['backbones.1.', 'backbone.'], 'head.': 'fc.' },
}
