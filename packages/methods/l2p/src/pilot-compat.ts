import type { PilotMapping } from '@pilotjs/core'
import { promptPoolPilotKeys } from '@pilotjs/peft'

/** How PILOT's `exps/l2p.json` and its tensors read. */
export const pilot: PilotMapping = {
  modelNames: ['l2p'],
  keys: { ...promptPoolPilotKeys, embedding_key: 'query', head_type: 'readFrom' },
  scoresByBatch: true,
  tensors: { 'pool.': 'backbone.prompt.', 'head.': 'backbone.head.' },
}
