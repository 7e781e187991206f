import { recipePilotKeys } from '@pilotjs/core'
import type { PilotMapping } from '@pilotjs/core'

const backboneIsFrozen = ['blocks', 'patch_embed', 'cls_token', 'norm', 'pos_embed']

/** How PILOT's `exps/l2p.json` and its tensors read. */
export const pilot: PilotMapping = {
  modelNames: ['l2p'],
  keys: {
    ...recipePilotKeys,
    size: 'poolSize',
    length: 'promptLength',
    top_k: 'topK',
    prompt_key_init: { read: (value) => ({ keyInitialization: value, promptInitialization: value }) },
    batchwise_prompt: 'batchVote',
    use_prompt_mask: 'taskPrompts',
    shared_prompt_pool: 'sharePrompts',
    shared_prompt_key: 'shareKeys',
    embedding_key: 'query',
    head_type: 'readFrom',
    pull_constraint: { read: (value, { pull_constraint_coeff: weight }) => ({ pull: value ? (weight ?? 0.1) : 0 }) },
    pull_constraint_coeff: { read: (value, { pull_constraint: on }) => ({ pull: on === false ? 0 : value }) },
    reinit_optimizer: 'resetSchedule',
    freeze: { accepts: [backboneIsFrozen], reason: 'L2P here leaves the pre-trained network as it is' },
    get_original_backbone: { accepts: [true], reason: 'queries come from the network as it was pre-trained' },
    prompt_pool: { accepts: [true], reason: 'without a pool it is not L2P' },
    prompt_key: { accepts: [true], reason: 'prompts are found by learned keys' },
    global_pool: { accepts: ['token'], reason: 'what the head reads is told by head_type' },
    predefined_key: { accepts: [''], reason: 'keys are learned' },
    initializer: { ignored: 'PILOT does not read it: prompt_key_init says how prompts and keys begin' },
  },
  tensors: { 'pool.': 'backbone.prompt.', 'head.': 'backbone.head.' },
}
