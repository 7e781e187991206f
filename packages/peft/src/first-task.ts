import { cosineHead, crossEntropy, epochBatches, fit, fitting, fittingPilotKeys, train } from '@pilotjs/core'
import type { Head, JsonValue, LearnContext, NamedVariables, PilotMapping, Rng, Task } from '@pilotjs/core'
import { z } from 'zod'
import { tuningKinds } from './tuned-backbone'
import type { TunedBackbone } from './tuned-backbone'

/** The options of every method that adapts a backbone on the first task, under PILOT's defaults; spread them into a method's own. */
export const firstTaskOptions = {
  tuning: z.enum(tuningKinds).default('adapter').describe('what of the backbone the first task changes'),
  bottleneck: z.int().positive().default(64).describe('adapter: numbers between down and up projection'),
  dropout: z
    .number()
    .min(0)
    .lt(1)
    .default(0.1)
    .describe('adapter: share of bottleneck activations dropped in training'),
  promptLength: z.int().positive().default(5).describe('VPT: prompt tokens per set'),
  ...fitting({ epochs: 20, batchSize: 48, learningRate: 0.01, weightDecay: 5e-4, schedule: 'cosine' }),
}

export type FirstTaskOptions = z.infer<z.ZodObject<typeof firstTaskOptions>>

/** How PILOT's keys for them read. `backbone_type` and `vpt_type` together tell which tuning it is. */
export const firstTaskKeys: PilotMapping['keys'] = {
  ...fittingPilotKeys,
  ffn_num: 'bottleneck',
  prompt_token_num: 'promptLength',
  // PILOT's "adam" of these methods is torch's AdamW.
  optimizer: { read: (value) => ({ optimizer: value === 'adam' ? 'adamw' : value }) },
  vpt_type: { read: (_, config) => ({ tuning: tuningOf(config) }) },
  backbone_type: { read: (_, config) => ({ tuning: tuningOf(config) }) },
}

/** Which tuning a PILOT config asks for: the ending of its `model_name`, else of its `backbone_type`, and for VPT `vpt_type`. */
function tuningOf(config: Readonly<Record<string, JsonValue>>): string {
  const ending = (key: string) => /_(adapter|ssf|vpt|finetune)$/.exec(String(config[key]))?.[1]
  const kind = ending('model_name') ?? ending('backbone_type') ?? 'finetune'
  if (kind !== 'vpt') return kind
  return String(config.vpt_type).toLowerCase() === 'shallow' ? 'vpt-shallow' : 'vpt-deep'
}

export interface FirstTaskSetup {
  readonly tuned: TunedBackbone
  /** The names under which the tuned weights train, if not their own. */
  readonly trained?: NamedVariables
  /** σ · cosine on the features; it knows the task's classes. */
  readonly head: Head
  readonly task: Task
  readonly options: FirstTaskOptions
  readonly context: LearnContext
}

/** Adapts a backbone to its first task: cross-entropy of a cosine head on the tuned features. */
export async function learnFirstTask({ tuned, trained, head, task, options, context }: FirstTaskSetup): Promise<void> {
  const noise: Rng = context.rng.fork('dropout')
  await train({
    phase: 'init_train',
    parameters: { ...(trained ?? tuned.variables()), ...head.variables() },
    ...fit(options),
    ...epochBatches(task.train, { size: options.batchSize, shuffle: context.rng }),
    loss: ({ images, labels }) => crossEntropy(head.apply(tuned.features(images, noise)), labels),
    context,
  })
}

/** A cosine head that knows `classes` classes: for the first task alone, where another classifier takes over. */
export function firstTaskHead(width: number, classes: number, rng: Rng): Head {
  const head = cosineHead({ width, rng })
  head.grow(classes)
  return head
}
