import type { PilotMapping } from '@pilotjs/core'
import { firstTaskPilotKeys } from '@pilotjs/peft'

/** How PILOT's `exps/ranpac.json` and its tensors read. */
export const pilot: PilotMapping = {
  modelNames: ['ranpac'],
  keys: {
    ...firstTaskPilotKeys,
    use_RP: 'randomProjection',
    M: 'projectionSize',
    use_simplecil: { ignored: 'PILOT does not read it' },
  },
  tensors: {
    'net.': 'backbone.',
    'projection.0.weight': 'W_rand',
    'statistics.gram': 'G',
    'statistics.classSums': 'Q',
    'head.': 'fc.',
  },
}
