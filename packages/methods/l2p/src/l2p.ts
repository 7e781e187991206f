import { defineLearner, defineMethod } from '@pilotjs/core'
import { linearHead } from '@pilotjs/core/heads'
import { classesCrossEntropy, untaped } from '@pilotjs/core/ops'
import { recipeOptions, train } from '@pilotjs/core/training'
import {
  promptChoice,
  promptPool,
  promptPoolOptions,
  promptRecipe,
  promptTokens,
  requireTransformer,
  withinPool,
} from '@pilotjs/peft'
import { mean, mul, sub } from '@tensorflow/tfjs-core'
import type { Tensor2D, Tensor4D } from '@tensorflow/tfjs-core'
import * as z from 'zod'
import { pilot } from './pilot-compat'
import { queriesOf, queryExtractor, queryKinds } from './query'

/** L2P: learn a pool of prompts and, per image, prepend the few whose keys match its query (Wang et al., CVPR 2022). */
export const l2p = defineMethod({
  name: 'l2p',
  family: 'prompt',
  paper: {
    title: 'Learning to Prompt for Continual Learning',
    venue: 'CVPR 2022',
    url: 'https://arxiv.org/abs/2112.08654',
  },
  options: withinPool(
    z.object({
      compat: z.enum(['paper', 'pilot']).default('paper').describe('pilot: test images vote by batch, too'),
      ...promptPoolOptions({ topK: 5, taskPrompts: false, sharePrompts: false }),
      query: z.enum(queryKinds).default('cls').describe('what of an image is compared to the keys'),
      readFrom: z
        .enum(['prompt', 'token', 'gap', 'token+prompt'])
        .default('prompt')
        .describe('tokens that the head averages'),
      ...recipeOptions({ epochs: 5, batchSize: 16, learningRate: 0.001875, optimizer: 'adam', schedule: 'constant' }),
    }),
  ),
  accepts: { moreImages: true },
  pilot,

  create({ backbone, options, rng, plan }) {
    const vit = requireTransformer(backbone, 'L2P')
    const { width, prefixTokens } = vit
    const { topK, poolSize, promptLength } = options
    const pool = promptPool({
      size: poolSize,
      length: promptLength,
      width,
      rng: rng.fork('pool'),
      initialization: { prompts: options.promptInitialization, keys: options.keyInitialization },
    })
    const head = linearHead({ width, rng, label: 'backbone.head', initialization: 'truncatedNormal' })
    if (plan) head.grow(plan.totalClasses)
    const choice = promptChoice(pool, options)

    /** What the head reads of an image that has these prompts: [batch, width]. */
    const promptedFeatures = (images: Tensor4D, ids: Tensor2D): Tensor2D => {
      const tuning = promptTokens(pool.gather(ids))
      if (options.readFrom === 'gap') return mean(vit.tokens(images, { tuning }), 1)
      const prompts = topK * promptLength
      const range = {
        prompt: { first: prefixTokens, count: prompts },
        token: { first: 0, count: 1 },
        'token+prompt': { first: 0, count: prefixTokens + prompts },
      }[options.readFrom]
      return mean(vit.tokens(images, { tuning }, range), 1)
    }

    return defineLearner(
      { pool, head },
      {
        learn(task, context) {
          if (task.classesAfter > head.classes) head.grow(task.classesAfter)
          choice.begin(task)
          return train({
            parts: [pool, head],
            recipe: promptRecipe(options, task),
            on: task.train,
            context,
            loss({ images, labels }) {
              const queries = untaped(() => queriesOf(vit, images, options.query))
              const ids = choice.inTraining(task, queries)
              const logits = head.apply(promptedFeatures(images, ids))
              const loss = classesCrossEntropy(logits, labels, task.classes)
              return sub(loss, mul(pool.affinity(queries, ids), options.pull))
            },
          })
        },
        extractor: {
          width,
          known: queryExtractor(vit, options.query),
          apply: (images: Tensor4D, queries?: Tensor2D) =>
            promptedFeatures(images, choice.inScoring(queries ?? untaped(() => queriesOf(vit, images, options.query)))),
        },
        readings: { head: head.apply },
      },
    )
  },
})
