import { network } from '@pilotjs/core'
import { crossEntropy } from '@pilotjs/core/ops'
import { recipeOptions, train } from '@pilotjs/core/training'
import type { Backbone, LearnContext, Network, Task } from '@pilotjs/core'
import type { Head } from '@pilotjs/core/heads'
import type { Rng } from '@pilotjs/core/random'
import * as z from 'zod'
import { adapters } from './adapters'
import { batchStatisticsOf, takeBatchStatistics } from './batch-statistics'
import { scaleAndShift } from './scale-and-shift'
import { visualPrompts } from './visual-prompts'

/** What the first task changes of a network: small modules beside the frozen weights, or (`finetune`) the weights themselves. */
export const tuningNames = ['adapter', 'ssf', 'vpt-deep', 'vpt-shallow', 'finetune'] as const

/**
 * The options of every method that adapts a backbone on the first task, under PILOT's defaults; spread them into a method's own.
 */
export const firstTaskOptions = {
  tuning: z
    .enum([...tuningNames, 'batchnorm', 'none'])
    .default('adapter')
    .describe('what of the backbone the first task changes; batchnorm: statistics of residual networks; none: nothing'),
  bottleneck: z.int().positive().default(64).describe('adapter: numbers between down and up projection'),
  dropout: z
    .number()
    .min(0)
    .lt(1)
    .default(0.1)
    .describe('adapter: share of bottleneck activations dropped in training'),
  promptLength: z.int().positive().default(5).describe('VPT: prompt tokens per set'),
  ...recipeOptions({ epochs: 20, batchSize: 48, learningRate: 0.01, weightDecay: 5e-4, schedule: 'cosine' }),
}

export type FirstTaskOptions = z.infer<z.ZodObject<typeof firstTaskOptions>>

/** The network that these options tune. */
export function firstTaskNetwork(backbone: Backbone, options: FirstTaskOptions, rng: Rng): Network {
  const { tuning, bottleneck, dropout, promptLength: length } = options
  const kinds = {
    adapter: () => adapters({ bottleneck, dropout, rng }),
    ssf: () => scaleAndShift({ rng }),
    'vpt-deep': () => visualPrompts({ kind: 'deep', length }),
    'vpt-shallow': () => visualPrompts({ kind: 'shallow', length }),
  }
  if (tuning === 'none') return network({ backbone })
  if (tuning === 'batchnorm') return network({ backbone, weights: batchStatisticsOf(backbone) })
  if (tuning === 'finetune') return network({ backbone, weights: backbone.parameters })
  return network({ backbone, tuning: kinds[tuning]() })
}

export interface FirstTask {
  readonly net: Network
  /** σ · cosine on the features, for this task alone: it begins anew with the task's classes. */
  readonly head: Head
  readonly task: Task
  readonly options: FirstTaskOptions
  readonly context: LearnContext
}

/**
 * Adapts a network to its first task: cross-entropy of a cosine head on the tuned features; statistics of batch norms are taken
 * anew, without a loss. Then nothing of it changes again.
 */
export async function adaptToFirstTask({ net, head, task, options, context }: FirstTask): Promise<void> {
  head.reset(task.classesAfter, { rows: 'random', width: net.width })
  if (options.tuning === 'none') return
  if (options.tuning === 'batchnorm') await takeBatchStatistics({ net, task, options, context })
  else
    await train({
      parts: [net, head],
      recipe: options,
      on: task.train,
      context,
      loss: ({ images, labels }, step) => crossEntropy(head.apply(net.features(images, step)), labels),
    })
  net.freeze()
}
