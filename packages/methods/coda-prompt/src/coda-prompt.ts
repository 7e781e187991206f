import { defineLearner, defineMethod } from '@pilotjs/core'
import { linearHead } from '@pilotjs/core/heads'
import { classesCrossEntropy } from '@pilotjs/core/ops'
import { quarterCosine } from '@pilotjs/core/training'
import { network } from '@pilotjs/core'
import { valuePart } from '@pilotjs/core/parts'
import { recipeOptions, train } from '@pilotjs/core/training'
import type { StreamPlan } from '@pilotjs/core'
import { promptComponents, requireBlocks } from '@pilotjs/peft'
import type { ComponentRange } from '@pilotjs/peft'
import { add, mul } from '@tensorflow/tfjs-core'
import type { Tensor2D, Tensor4D } from '@tensorflow/tfjs-core'
import * as z from 'zod'
import { pilot } from './pilot-compat'

/**
 * CODA-Prompt: prefixes that are weighted sums of components, the weights found by attention to the image; every task adds
 * components of its own, orthogonal to those before, which stay (Smith et al., CVPR 2023).
 */
export const codaPrompt = defineMethod({
  name: 'coda-prompt',
  family: 'prompt',
  paper: {
    title: 'CODA-Prompt: COntinual Decomposed Attention-based Prompting for Rehearsal-Free Continual Learning',
    venue: 'CVPR 2023',
    url: 'https://arxiv.org/abs/2211.13218',
  },
  options: z.object({
    compat: z
      .enum(['paper', 'pilot'])
      .default('paper')
      .describe('pilot: the schedule comes an epoch late, and a last batch that is not full is left out'),
    poolSize: z.int().positive().default(100).describe('components, divided among the tasks that are planned'),
    componentsPerTask: z
      .int()
      .positive()
      .nullable()
      .default(null)
      .describe(
        'components that a task adds; without it, its part of the pool, or 10 where nobody knows how many come',
      ),
    promptLength: z.int().min(2).multipleOf(2).default(8).describe('tokens per component: half keys, half values'),
    orthogonality: z.number().nonnegative().default(0).describe('weight of the penalty on what is not orthonormal'),
    blocks: z.array(z.int().nonnegative()).default([0, 1, 2, 3, 4]).describe('the blocks that get prefixes'),
    ...recipeOptions({ epochs: 20, batchSize: 128, learningRate: 0.001, optimizer: 'adam', schedule: 'cosine' }),
  }),
  accepts: { moreImages: true },
  pilot,

  create({ backbone, options, rng, plan }) {
    const { blocks, promptLength: length, poolSize, orthogonality } = options
    const vit = requireBlocks(backbone, blocks, 'CODA-Prompt')
    const { width } = vit
    const asPilot = options.compat === 'pilot'
    const share = options.componentsPerTask ?? shareOf(poolSize, plan)
    const components = promptComponents({ size: poolSize, length, width, blocks })
    const head = linearHead({ width, rng, initialization: 'torch' })
    if (plan) head.grow(plan.totalClasses)
    const begun = valuePart<number>(0)
    /** The queries come from the network as it was pre-trained. */
    const pretrained = network({ backbone })

    const promptedFeatures = (images: Tensor4D, range: ComponentRange, queries?: Tensor2D): Tensor2D =>
      vit.features(images, { tuning: components.tuning(queries ?? pretrained.features(images), range) })

    return defineLearner(
      { components, head, begun },
      {
        async learn(task, context) {
          if (task.classesAfter > head.classes) head.grow(task.classesAfter)
          const range = { from: begun.value, to: begun.value + share }
          await components.begin(range.from, range.to, rng.fork('components', task.index))
          begun.value = range.to
          const { schedule } = options
          await train({
            parts: [components, head],
            recipe: {
              ...options,
              schedule: schedule === 'cosine' ? quarterCosine({ lag: asPilot ? 1 : 0 }) : schedule,
            },
            on: task.train,
            dropLast: asPilot,
            context,
            loss({ images, labels }) {
              const loss = classesCrossEntropy(head.apply(promptedFeatures(images, range)), labels, task.classes)
              return orthogonality > 0 ? add(loss, mul(components.orthogonality(range), orthogonality)) : loss
            },
          })
        },
        extractor: {
          width,
          known: pretrained.extractor,
          apply: (images: Tensor4D, queries?: Tensor2D) => promptedFeatures(images, { to: begun.value }, queries),
        },
        readings: { head: head.apply },
      },
    )
  },
})

/** What of the pool each of the planned tasks gets. */
function shareOf(poolSize: number, plan: StreamPlan | undefined): number {
  if (!plan) return 10
  const tasks = 1 + Math.ceil((plan.totalClasses - plan.baseClasses) / plan.increment)
  return Math.max(1, Math.floor(poolSize / tasks))
}
