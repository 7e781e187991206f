import { crossEntropy, defineLearner, defineMethod, linearHead, recipeOptions, train } from '@pilotjs/core'
import type { Task } from '@pilotjs/core'
import { mostVoted, promptPool, promptTokens, requireTransformer } from '@pilotjs/peft'
import { mean, mul, slice, sub, tensor2d, tile } from '@tensorflow/tfjs-core'
import type { Tensor2D, Tensor4D } from '@tensorflow/tfjs-core'
import { z } from 'zod'
import { pilot } from './pilot-compat'
import { queriesOf, queryKinds } from './query'

/** L2P: learn a pool of prompts and, per image, prepend the few whose keys match its query (Wang et al., CVPR 2022). */
export const l2p = defineMethod({
  name: 'l2p',
  family: 'prompt',
  paper: {
    title: 'Learning to Prompt for Continual Learning',
    venue: 'CVPR 2022',
    url: 'https://arxiv.org/abs/2112.08654',
  },
  options: z.object({
    compat: z.enum(['paper', 'pilot']).default('paper').describe('pilot: test images vote by batch, too'),
    poolSize: z.int().positive().default(10).describe('prompts in the pool'),
    promptLength: z.int().positive().default(5).describe('tokens per prompt'),
    topK: z.int().positive().default(5).describe('prompts per image'),
    pull: z.number().nonnegative().default(0.1).describe('weight of the key–query similarity in the loss'),
    batchVote: z.boolean().default(true).describe('in training, all images of a batch take what most of them picked'),
    taskPrompts: z
      .boolean()
      .default(false)
      .describe('in training, task t takes prompts t·topK … instead of the nearest'),
    sharePrompts: z.boolean().default(false).describe('the prompts of a task begin as those of the last'),
    shareKeys: z.boolean().default(false).describe('the keys of a task begin as those of the last'),
    promptInitialization: z.enum(['uniform', 'zero']).default('uniform'),
    keyInitialization: z.enum(['uniform', 'zero']).default('uniform'),
    query: z.enum(queryKinds).default('cls').describe('what of an image is compared to the keys'),
    readFrom: z
      .enum(['prompt', 'token', 'gap', 'token+prompt'])
      .default('prompt')
      .describe('tokens that the head averages'),
    resetSchedule: z.boolean().default(true).describe('compat pilot only: later tasks keep the first learning rate'),
    ...recipeOptions({ epochs: 5, batchSize: 16, learningRate: 0.001875, optimizer: 'adam', schedule: 'constant' }),
  }),
  accepts: { moreImages: true },
  pilot,

  create({ backbone, options, rng, plan }) {
    const vit = requireTransformer(backbone, 'L2P')
    const { width, prefixTokens } = vit
    const { topK, poolSize, promptLength } = options
    const asPilot = options.compat === 'pilot'
    const pool = promptPool({
      size: poolSize,
      length: promptLength,
      width,
      rng: rng.fork('pool'),
      initialization: { prompts: options.promptInitialization, keys: options.keyInitialization },
    })
    const head = linearHead({ width, rng, label: 'backbone.head', initialization: 'truncatedNormal' })
    if (plan) head.grow(plan.totalClasses)

    /** Ids of the prompts of every image: [batch, topK]. */
    const choose = (queries: Tensor2D, together: boolean): Tensor2D => {
      const picks = pool.nearest(queries, topK)
      if (!together) return picks
      return asPilot ? everyRow(mostVoted(picks.dataSync(), poolSize, topK), picks.shape[0]) : pool.elect(picks)
    }
    /** The prompts that a task has for itself, while the pool lasts. */
    const ownPrompts = (task: Task, batch: number): Tensor2D | undefined => {
      if (!options.taskPrompts || (task.index + 1) * topK > poolSize) return undefined
      return everyRow(
        Array.from({ length: topK }, (_, i) => task.index * topK + i),
        batch,
      )
    }
    /** What the head reads of an image that has these prompts: [batch, width]. */
    const promptedFeatures = (images: Tensor4D, ids: Tensor2D): Tensor2D => {
      const tokens = vit.tokens(images, { tuning: promptTokens(pool.gather(ids)) })
      const [start, count] = {
        prompt: [prefixTokens, topK * promptLength],
        token: [0, 1],
        gap: [0, tokens.shape[1]],
        'token+prompt': [0, prefixTokens + topK * promptLength],
      }[options.readFrom] as [number, number]
      return mean(slice(tokens, [0, start, 0], [-1, count, -1]), 1)
    }

    return defineLearner(
      { pool, head },
      {
        learn(task, context) {
          if (task.classesAfter > head.classes) head.grow(task.classesAfter)
          const [from, to] = [(task.index - 1) * topK, task.index * topK]
          const shares = { prompts: options.sharePrompts, keys: options.shareKeys }
          if (task.index > 0 && to + topK <= poolSize) pool.copy(shares, from, to, topK)

          const first = Math.min(...task.classes)
          const count = Math.max(...task.classes) + 1 - first
          const keepsFirstRate = asPilot && options.resetSchedule && task.index > 0
          return train({
            parts: [pool, head],
            recipe: keepsFirstRate ? { ...options, schedule: 'constant' } : options,
            on: task.train,
            context,
            loss({ images, labels }) {
              const queries = queriesOf(vit, images, options.query)
              const ids = ownPrompts(task, images.shape[0]) ?? choose(queries, options.batchVote)
              // Only the task's own classes compete: the head's other rows get no push.
              const own = slice(head.apply(promptedFeatures(images, ids)), [0, first], [-1, count])
              const loss = crossEntropy(own, sub(labels, first))
              return sub(loss, mul(pool.affinity(queries, ids), options.pull))
            },
          })
        },
        extractor: {
          width,
          apply: (images) =>
            promptedFeatures(images, choose(queriesOf(vit, images, options.query), asPilot && options.batchVote)),
        },
        readings: { head: head.apply },
      },
    )
  },
})

/** The same ids for every image of a batch: [batch, ids]. */
const everyRow = (ids: readonly number[], batch: number): Tensor2D =>
  tile(tensor2d([[...ids]], [1, ids.length], 'int32'), [batch, 1])
