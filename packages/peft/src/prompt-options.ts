import { recipePilotKeys } from '@pilotjs/core/pilot-config'
import type { PilotMapping, Task } from '@pilotjs/core'
import type { Recipe } from '@pilotjs/core/training'
import * as z from 'zod'

/** How a method chooses among the prompts of its pool. */
export interface PromptPoolChoices {
  readonly compat: 'paper' | 'pilot'
  readonly topK: number
  readonly batchVote: boolean
  readonly taskPrompts: boolean
  readonly sharePrompts: boolean
  readonly shareKeys: boolean
}

/** The options of a method with a pool of prompts; spread them into its own. */
export const promptPoolOptions = (defaults: { topK: number; taskPrompts: boolean; sharePrompts: boolean }) => ({
  poolSize: z.int().positive().default(10).describe('prompts in the pool'),
  promptLength: z.int().positive().default(5).describe('tokens per prompt'),
  topK: z.int().positive().default(defaults.topK).describe('prompts per image'),
  pull: z.number().nonnegative().default(0.1).describe('weight of the key–query similarity in the loss'),
  batchVote: z.boolean().default(true).describe('in training, all images of a batch take what most of them picked'),
  taskPrompts: z
    .boolean()
    .default(defaults.taskPrompts)
    .describe('in training, task t takes prompts t·topK … instead of the nearest'),
  sharePrompts: z.boolean().default(defaults.sharePrompts).describe('the prompts of a task begin as those of the last'),
  shareKeys: z.boolean().default(false).describe('the keys of a task begin as those of the last'),
  promptInitialization: z.enum(['uniform', 'zero']).default('uniform'),
  keyInitialization: z.enum(['uniform', 'zero']).default('uniform'),
  resetSchedule: z.boolean().default(true).describe('compat pilot only: later tasks keep the first learning rate'),
})

/** Options that hold `promptPoolOptions`: an image cannot take more prompts than there are. */
export const withinPool = <Schema extends z.ZodObject>(options: Schema): Schema =>
  options.refine((given) => (given as PromptPoolSizes).topK <= (given as PromptPoolSizes).poolSize, {
    path: ['topK'],
    message: 'must be at most poolSize: an image takes so many different prompts of the pool',
  })

interface PromptPoolSizes {
  readonly topK: number
  readonly poolSize: number
}

/** The recipe of a task. PILOT's scheduler holds on to the first task's optimizer, so that later tasks keep the first rate. */
export function promptRecipe<R extends Recipe>(
  options: R & { readonly compat: 'paper' | 'pilot'; readonly resetSchedule: boolean },
  task: Task,
): Recipe {
  const keepsFirstRate = options.compat === 'pilot' && options.resetSchedule && task.index > 0
  return keepsFirstRate ? { ...options, schedule: 'constant' } : options
}

const backboneIsFrozen = ['blocks', 'patch_embed', 'cls_token', 'norm', 'pos_embed']

/** How PILOT's keys for `promptPoolOptions` and their recipe read. */
export const promptPoolPilotKeys: PilotMapping['keys'] = {
  ...recipePilotKeys,
  size: 'poolSize',
  length: 'promptLength',
  top_k: 'topK',
  prompt_key_init: { read: (value) => ({ keyInitialization: value, promptInitialization: value }) },
  batchwise_prompt: 'batchVote',
  use_prompt_mask: 'taskPrompts',
  shared_prompt_pool: 'sharePrompts',
  shared_prompt_key: 'shareKeys',
  pull_constraint: { read: (value, { pull_constraint_coeff: weight }) => ({ pull: value ? (weight ?? 0.1) : 0 }) },
  pull_constraint_coeff: { read: (value, { pull_constraint: on }) => ({ pull: on === false ? 0 : value }) },
  reinit_optimizer: 'resetSchedule',
  freeze: { accepts: [backboneIsFrozen], reason: 'the pre-trained network stays as it is' },
  get_original_backbone: { accepts: [true], reason: 'queries come from the network as it was pre-trained' },
  prompt_pool: { accepts: [true], reason: 'prompts come from a pool' },
  prompt_key: { accepts: [true], reason: 'prompts are found by learned keys' },
  global_pool: { accepts: ['token'], reason: 'what the head reads is told by head_type' },
  predefined_key: { accepts: [''], reason: 'keys are learned' },
  initializer: { ignored: 'PILOT does not read it: prompt_key_init says how prompts and keys begin' },
}
