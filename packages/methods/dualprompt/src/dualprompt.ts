import { PilotError, defineLearner, defineMethod } from '@pilotjs/core'
import { frozenFeatures } from '@pilotjs/core/features'
import { linearHead } from '@pilotjs/core/heads'
import { classesCrossEntropy, untaped } from '@pilotjs/core/ops'
import { recipeOptions, train } from '@pilotjs/core/training'
import {
  combinedTuning,
  prefixPool,
  prefixes,
  promptChoice,
  promptPoolOptions,
  promptRecipe,
  withinPool,
} from '@pilotjs/peft'
import { requireBlocks } from '@pilotjs/peft'
import { mul, sub } from '@tensorflow/tfjs-core'
import type { Tensor2D, Tensor4D } from '@tensorflow/tfjs-core'
import * as z from 'zod'
import { pilot } from './pilot-compat'

const blocks = z.array(z.int().nonnegative())

/**
 * DualPrompt: prefixes that all tasks share in the first blocks, and in the next ones prefixes of the task that an image seems to
 * come from (Wang et al., ECCV 2022).
 */
export const dualprompt = defineMethod({
  name: 'dualprompt',
  family: 'prompt',
  paper: {
    title: 'DualPrompt: Complementary Prompting for Rehearsal-free Continual Learning',
    venue: 'ECCV 2022',
    url: 'https://arxiv.org/abs/2204.04799',
  },
  options: withinPool(
    z.object({
      compat: z
        .enum(['paper', 'pilot'])
        .default('paper')
        .describe('pilot: keys and values of a batch are mixed up, and test images vote by batch'),
      generalLength: z.int().positive().default(5).describe('keys and values per block that all tasks share'),
      generalBlocks: blocks.default([0, 1]).describe('the blocks that get them'),
      ...promptPoolOptions({ topK: 1, taskPrompts: true, sharePrompts: true }),
      expertBlocks: blocks.default([2, 3, 4]).describe('the blocks that get the pool’s prompts'),
      ...recipeOptions({ epochs: 5, batchSize: 24, learningRate: 0.001, optimizer: 'adam', schedule: 'constant' }),
    }),
  ),
  accepts: { moreImages: true },
  pilot,

  create({ backbone, options, rng, plan }) {
    const { generalBlocks, generalLength, expertBlocks } = options
    const vit = requireBlocks(backbone, [...generalBlocks, ...expertBlocks], 'DualPrompt')
    refuseShared(generalBlocks, expertBlocks)
    const { width, heads } = vit
    const general = prefixes({ blocks: generalBlocks, length: generalLength, rng: rng.fork('general') }).attach(vit)
    const experts = prefixPool({
      size: options.poolSize,
      blocks: expertBlocks,
      length: options.promptLength,
      width,
      heads,
      rng: rng.fork('experts'),
      initialization: { prompts: options.promptInitialization, keys: options.keyInitialization },
    })
    const head = linearHead({ width, rng, label: 'backbone.head', initialization: 'truncatedNormal' })
    if (plan) head.grow(plan.totalClasses)
    const choice = promptChoice(experts, options)
    const mixed = options.compat === 'pilot'

    const promptedFeatures = (images: Tensor4D, ids: Tensor2D): Tensor2D =>
      vit.features(images, { tuning: combinedTuning(general.tuning(), experts.tuning(ids, { mixed })) })

    return defineLearner(
      { general, experts, head },
      {
        learn(task, context) {
          if (task.classesAfter > head.classes) head.grow(task.classesAfter)
          choice.begin(task)
          return train({
            parts: [general, experts, head],
            recipe: promptRecipe(options, task),
            on: task.train,
            context,
            loss({ images, labels }) {
              const queries = untaped(() => vit.features(images))
              const ids = choice.inTraining(task, queries)
              const logits = head.apply(promptedFeatures(images, ids))
              const loss = classesCrossEntropy(logits, labels, task.classes)
              return sub(loss, mul(experts.affinity(queries, ids), options.pull))
            },
          })
        },
        extractor: {
          width,
          known: frozenFeatures(vit),
          apply: (images: Tensor4D, queries?: Tensor2D) =>
            promptedFeatures(images, choice.inScoring(queries ?? untaped(() => vit.features(images)))),
        },
        readings: { head: head.apply },
      },
    )
  },
})

/**
 * A block takes prefixes of one kind. (PILOT's gives the shared ones there, and moves the experts of all later blocks by one.)
 */
function refuseShared(generalBlocks: readonly number[], expertBlocks: readonly number[]): void {
  const both = generalBlocks.filter((block) => expertBlocks.includes(block))
  if (both.length === 0) return
  throw new PilotError(
    'invalid-options',
    `dualprompt: block ${both.join(', ')} stands in generalBlocks and in expertBlocks: take it out of one of them`,
    { method: 'dualprompt', blocks: both },
  )
}
