import type { PilotMapping } from '@pilotjs/core'
import { promptPoolPilotKeys } from '@pilotjs/peft'

/** How PILOT's `exps/dualprompt.json` and its tensors read. */
export const pilot: PilotMapping = {
  modelNames: ['dualprompt'],
  keys: {
    ...promptPoolPilotKeys,
    g_prompt_length: 'generalLength',
    g_prompt_layer_idx: 'generalBlocks',
    e_prompt_layer_idx: 'expertBlocks',
    use_g_prompt: { accepts: [true], reason: 'without general prompts it is not DualPrompt' },
    use_e_prompt: { accepts: [true], reason: 'without expert prompts it is not DualPrompt' },
    use_prefix_tune_for_g_prompt: { accepts: [true], reason: 'general prompts are prefixes of attention' },
    use_prefix_tune_for_e_prompt: { accepts: [true], reason: 'expert prompts are prefixes of attention' },
    embedding_key: { accepts: ['cls'], reason: 'the query is the class token' },
    head_type: { accepts: ['token'], reason: 'the head reads the class token' },
    same_key_value: { accepts: [false], reason: 'a prompt whose values are its keys does not train in PILOT' },
  },
  scoresByBatch: true,
  tensors: { 'general.prompt': 'backbone.g_prompt', 'experts.': 'backbone.e_prompt.', 'head.': 'backbone.head.' },
}
