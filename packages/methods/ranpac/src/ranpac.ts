import { announce, defineLearner, defineMethod, featuresOf, partList } from '@pilotjs/core'
import { cosineHead } from '@pilotjs/core'
import type { LearnContext, Task } from '@pilotjs/core'
import { firstTaskHead, firstTaskKeys, firstTaskOptions, learnFirstTask, tunedBackbone } from '@pilotjs/peft'
import {
  fitByEvidence,
  identityMap,
  randomProjection,
  ridgeStatistics,
  ridgeStrengths,
  selectRidge,
} from '@pilotjs/statistics'
import type { FeatureMap } from '@pilotjs/statistics'
import { matMul, slice, tidy } from '@tensorflow/tfjs-core'
import type { Tensor2D } from '@tensorflow/tfjs-core'
import { z } from 'zod'

/**
 * RanPAC: adapt the network on the first task, lift its features by a fixed random projection, and solve a ridge regression
 * onto the classes from statistics that only ever add up: nothing can be forgotten (McDonnell et al., NeurIPS 2023).
 */
export const ranpac = defineMethod({
  name: 'ranpac',
  family: 'prototype',
  paper: {
    title: 'RanPAC: Random Projections and Pre-trained Models for Continual Learning',
    venue: 'NeurIPS 2023',
    url: 'https://arxiv.org/abs/2307.02251',
  },
  options: z.object({
    compat: z
      .enum(['paper', 'pilot'])
      .default('paper')
      .describe('pilot: ridge weights are read as directions (cosine)'),
    randomProjection: z.boolean().default(true).describe('lift features before the ridge regression'),
    projectionSize: z.int().positive().default(10_000).describe('numbers per image after the projection'),
    ridge: z
      .number()
      .positive()
      .nullable()
      .default(null)
      .describe(
        'strength of the ridge; without one, the most probable of all images so far (pilot: chosen on a fifth of a task)',
      ),
    ...firstTaskOptions,
  }),
  pilot: {
    modelNames: ['ranpac'],
    keys: {
      ...firstTaskKeys,
      use_RP: 'randomProjection',
      M: 'projectionSize',
      use_simplecil: { ignored: 'PILOT does not read it' },
    },
  },

  create({ backbone, options, rng, plan }) {
    const { width } = backbone
    const tuned = tunedBackbone({ backbone, ...options, prefix: 'backbone.', rng: rng.fork('tuned') })
    // Drawn when the first task is learned, as in PILOT.
    const projection = partList(() =>
      randomProjection({ width, outputs: options.projectionSize, rng: rng.fork('projection') }),
    )
    const lift: FeatureMap = options.randomProjection
      ? { outputs: options.projectionSize, apply: (...given) => projection.items[0]!.apply(...given) }
      : identityMap(width)
    const statistics = ridgeStatistics({ map: lift, classes: plan.totalClasses })
    const head = cosineHead({ width: lift.outputs, rng })

    const score = (features: Tensor2D): Tensor2D => {
      const lifted = lift.apply(features)
      return options.compat === 'pilot'
        ? head.apply(lifted)
        : matMul(lifted, head.variables()['fc.weight'] as Tensor2D, false, true)
    }

    return defineLearner({
      parts: { tuned, projection, statistics, head },

      async learn(task, context) {
        if (task.index === 0) await adapt(task, context)
        head.grow(task.classesAfter, { rows: 'zero' })
        await announce(context, {}, 'ridge')

        // Shuffled, so that the part of the images that validates the ridge strength has all classes.
        const images = task.train.select(context.rng.permutation(task.train.length))
        const features = await featuresOf(images, tuned.extractor, context)
        const wanted =
          options.ridge ?? (options.compat === 'pilot' ? await chooseAsPilot(features, images.labels) : null)
        statistics.add(features, images.labels)
        features.dispose()
        const { strength, weights } = wanted === null ? await fitByEvidence(statistics) : await solveFrom(wanted)
        context.report({
          kind: 'note',
          message: `ridge strength ${strength}${wanted === null || wanted === strength ? '' : `, for ${wanted} is too small for float32`}`,
        })
        tidy(() => {
          const seen = slice(weights, [0, 0], [task.classesAfter, lift.outputs])
          head.restore({ 'fc.weight': seen, 'fc.sigma': head.variables()['fc.sigma']!.clone() }, undefined)
        })
        weights.dispose()
      },

      score: (images) => score(tuned.features(images)),
      readout: () => ({ extractor: tuned.extractor, score }),
    })

    /**
     * By the error on a fifth of the task's images. Below 1 PILOT's float32 solves a singular system, and rounding makes the errors
     * there large: of strengths that are equal but for that it takes a large one.
     */
    async function chooseAsPilot(features: Tensor2D, labels: ArrayLike<number>): Promise<number> {
      const strengths = ridgeStrengths.filter((strength) => strength >= 1)
      const select = { map: lift, classes: statistics.classes, strengths }
      return (await selectRidge(features, labels, select)).strength
    }

    /**
     * The weights at this strength, or at the next larger one that float32 can solve with: the Gram matrix of all images can be
     * closer to singular than the images that chose.
     */
    async function solveFrom(wanted: number): Promise<{ weights: Tensor2D; strength: number }> {
      for (let next = wanted; ; next *= 10)
        try {
          return { weights: await statistics.solve(next), strength: next }
        } catch (error) {
          const tooSmall = error instanceof Error && error.name === 'NotPositiveDefiniteError'
          if (!tooSmall || next >= ridgeStrengths.at(-1)!) throw error
        }
    }

    /** The first task's training; of its head, the learned factor stays. */
    async function adapt(task: Task, context: LearnContext): Promise<void> {
      const first = firstTaskHead(width, task.classesAfter, rng)
      try {
        await learnFirstTask({ tuned, head: first, task, options, context })
        if (options.randomProjection) projection.add()
        head.grow(task.classesAfter, { rows: 'zero' })
        head.variables()['fc.sigma']!.assign(first.variables()['fc.sigma']!)
      } finally {
        first.dispose()
      }
    }
  },
})
