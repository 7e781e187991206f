import { announcePhase, defineLearner, defineMethod } from '@pilotjs/core'
import { featuresOf } from '@pilotjs/core/features'
import { cosineHead } from '@pilotjs/core/heads'
import { partList } from '@pilotjs/core/parts'
import { adaptToFirstTask, firstTaskNetwork, firstTaskOptions, trainedClasses } from '@pilotjs/peft'
import { fitByEvidence, identityMap, randomProjection, ridgeStatistics, solveFrom } from '@pilotjs/statistics'
import type { FeatureMap } from '@pilotjs/statistics'
import { matMul, slice, tidy } from '@tensorflow/tfjs-core'
import * as z from 'zod'
import { pilot, strengthAsPilot } from './pilot-compat'

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
    const { removable } = options
    const statistics = ridgeStatistics({ map: lift, classes: plan?.totalClasses ?? 1, removable })
    const head = cosineHead({ width: net.width, rng })
    const trained = trainedClasses()

    return defineLearner(
      { net, projection, statistics, head, trained },
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
          const wanted = options.ridge ?? (asPilot ? await strengthAsPilot(features, images.labels, lift) : null)
          statistics.add(features, images.labels)
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
        removeClass: trained.outside(async (label) => {
          statistics.remove(label)
          await withoutOne()
        }),
        mergeClasses: trained.outside(async (into, from) => {
          statistics.merge(into, from)
          await withoutOne()
        }),
      },
    )

    /** The weights that the statistics ask for, at a strength, or at the most probable one. */
    async function refit(wanted: number | null): Promise<{ strength: number; tooSmall: boolean }> {
      const { strength, weights } = await (wanted === null ? fitByEvidence(statistics) : solveFrom(statistics, wanted))
      tidy(() => head.setRows('all', slice(weights, [0, 0], [head.classes, lift.outputs])))
      weights.dispose()
      return { strength, tooSmall: wanted !== null && wanted !== strength }
    }

    async function withoutOne(): Promise<void> {
      head.reset(head.classes - 1, { width: lift.outputs, rows: 'zero', keepScale: true })
      if (head.classes > 0) await refit(options.ridge)
    }
  },
})
