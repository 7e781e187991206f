import { recipePilotKeys } from '@pilotjs/core/pilot-config'
import type { JsonValue, PilotMapping } from '@pilotjs/core'

/** How PILOT's `exps/coda_prompt.json` and its tensors read. */
export const pilot: PilotMapping = {
  modelNames: ['coda_prompt'],
  keys: {
    ...recipePilotKeys,
    prompt_param: {
      read(value) {
        const [poolSize = 100, promptLength = 8, orthogonality = 0] = value as readonly JsonValue[]
        return { poolSize, promptLength, orthogonality }
      },
    },
    reinit_optimizer: { accepts: [true], reason: 'every task gets an optimizer of its own' },
  },
  tensors: { 'components.': 'prompt.', 'head.': 'fc.' },
}
