import { PilotError, announcePhase, defineLearner, defineMethod } from '@pilotjs/core'
import { featuresOf } from '@pilotjs/core/features'
import { cosineHead } from '@pilotjs/core/heads'
import { partList } from '@pilotjs/core/parts'
import { adaptToFirstTask, firstTaskNetwork, firstTaskOptions, trainedClasses } from '@pilotjs/peft'
import {
  classFeatures,
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
import * as z from 'zod'
import { pilot } from './pilot-compat'

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
    projectionSize: z.int().positive().max(46_340).default(10_000).describe('numbers per image after the projection'),
    ridge: z
      .number()
      .positive()
      .nullable()
      .default(null)
      .describe(
        'strength of the ridge; without one, the most probable of all images so far (pilot: chosen on a fifth of a task)',
      ),
    removable: z
      .boolean()
      .default(false)
      .describe('keep the features of all images, so that a class can be taken out of the statistics again'),
    ...firstTaskOptions,
  }),
  accepts: { moreImages: true, removeClass: true, mergeClasses: true },
  pilot,

  create({ backbone, options, rng, plan }) {
    const asPilot = options.compat === 'pilot'
    const net = firstTaskNetwork(backbone, options, rng.fork('tuned'))
    // Drawn when the first task is learned, as in PILOT.
    const projection = partList(() =>
      randomProjection({ width: net.width, outputs: options.projectionSize, rng: rng.fork('projection') }),
    )
    const lift: FeatureMap = options.randomProjection
      ? { outputs: options.projectionSize, apply: (...given) => projection.newest!.apply(...given) }
      : identityMap(net.width)
    const statistics = ridgeStatistics({ map: lift, classes: plan?.totalClasses ?? 1 })
    const head = cosineHead({ width: net.width, rng })

    const kept = classFeatures()
    const trained = trainedClasses()

    return defineLearner(
      { net, projection, statistics, head, kept, trained },
      {
        async learn(task, context) {
          if (task.index === 0) {
            await adaptToFirstTask({ net, head, task, options, context })
            if (options.tuning !== 'none') trained.note(task)
            if (options.randomProjection) projection.add()
            head.reset(task.classesAfter, { width: lift.outputs, rows: 'zero', keepScale: true })
          } else head.grow(task.classesAfter, { rows: 'zero' })
          announcePhase(context, 'ridge')

          // Shuffled, so that the part of the images that validates the ridge strength has all classes.
          const images = task.train.select(context.rng.permutation(task.train.length))
          const features = await featuresOf(images, net.extractor, context)
          const wanted = options.ridge ?? (asPilot ? await chooseAsPilot(features, images.labels) : null)
          statistics.add(features, images.labels)
          if (options.removable) kept.add(features, images.labels)
          features.dispose()
          const { strength, tooSmall } = await refit(wanted)
          context.report({
            kind: 'note',
            message: `ridge strength ${strength}${tooSmall ? `, for ${wanted} is too small for float32` : ''}`,
          })
        },
        extractor: net.extractor,
        readings: {
          head: (features) =>
            asPilot ? head.apply(lift.apply(features)) : matMul(lift.apply(features), head.rows(), false, true),
        },
        async removeClass(label) {
          trained.requireOutside(label)
          if (!options.removable)
            throw new PilotError(
              'not-removable',
              `class ${label} is in sums with all others: with the option removable: true the features are kept that take it out again`,
              { label, option: 'removable' },
            )
          statistics.remove(label, kept.of(label))
          kept.remove(label)
          const others = [...Array(head.classes).keys()].filter((other) => other !== label)
          head.reset(others.length, { width: lift.outputs, rows: 'zero', keepScale: true })
          if (others.length > 0) await refit(options.ridge)
        },
        async mergeClasses(into, from) {
          trained.requireOutside(into, from)
          statistics.merge(into, from)
          if (options.removable) kept.merge(into, from)
          head.reset(head.classes - 1, { width: lift.outputs, rows: 'zero', keepScale: true })
          await refit(options.ridge)
        },
      },
    )

    /** The weights that the statistics ask for, at a strength, or at the most probable one. */
    async function refit(wanted: number | null): Promise<{ strength: number; tooSmall: boolean }> {
      const { strength, weights } = wanted === null ? await fitByEvidence(statistics) : await solveFrom(wanted)
      tidy(() => head.setRows('all', slice(weights, [0, 0], [head.classes, lift.outputs])))
      weights.dispose()
      return { strength, tooSmall: wanted !== null && wanted !== strength }
    }

    /**
     * By the error on a fifth of the task's images. Below 1 PILOT's float32 solves a singular system, and rounding makes the
     * errors there large: of strengths that are equal but for that it takes a large one.
     */
    async function chooseAsPilot(features: Tensor2D, labels: ArrayLike<number>): Promise<number> {
      const strengths = ridgeStrengths.filter((strength) => strength >= 1)
      const classes = Math.max(statistics.classes, ...Array.from(labels, (label) => label + 1))
      return (await selectRidge(features, labels, { map: lift, classes, strengths, tolerance: 0 })).strength
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
  },
})
