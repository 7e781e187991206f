import { announcePhase, defineLearner, defineMethod } from '@pilotjs/core'
import { featuresOf } from '@pilotjs/core/features'
import { prototypeHead } from '@pilotjs/core/heads'
import { l2Normalize } from '@pilotjs/core/ops'
import { adaptToFirstTask, firstTaskNetwork, firstTaskOptions, trainedClasses } from '@pilotjs/peft'
import { classCovariances, classPrecisions, tukey } from '@pilotjs/statistics'
import { correlationPrecision, rowCorrelationPrecision } from '@pilotjs/statistics'
import { dispose, neg, tidy, unstack } from '@tensorflow/tfjs-core'
import type { Tensor2D } from '@tensorflow/tfjs-core'
import * as z from 'zod'
import { pilot } from './pilot-compat'

/**
 * FeCAM: adapt the pre-trained network on the first task, freeze it, and classify by the Mahalanobis distance to class means,
 * with a covariance per class: classes are not equally wide, nor round (Goswami et al., NeurIPS 2023).
 */
export const fecam = defineMethod({
  name: 'fecam',
  family: 'prototype',
  paper: {
    title: 'FeCAM: Exploiting the Heterogeneity of Class Distributions in Exemplar-Free Continual Learning',
    venue: 'NeurIPS 2023',
    url: 'https://arxiv.org/abs/2309.14062',
  },
  options: z.object({
    compat: z
      .enum(['paper', 'pilot'])
      .default('paper')
      .describe('pilot: statistics of features that are not normalised, and correlations of a covariance’s rows'),
    shrinkDiagonal: z.number().nonnegative().default(1).describe('γ₁: part of the mean variance added to variances'),
    shrinkOffDiagonal: z.number().default(0).describe('γ₂: part of the mean covariance added to the others'),
    tukeyPower: z
      .number()
      .nonnegative()
      .nullable()
      .default(null)
      .describe('features to this power first, 0 for a logarithm: 0.5 for a ResNet’s, which are never negative'),
    ridge: z.number().nonnegative().default(100).describe('compat pilot only: added to variances'),
    ...firstTaskOptions,
  }),
  accepts: { removeClass: true },
  pilot,

  create({ backbone, options, rng }) {
    const net = firstTaskNetwork(backbone, options, rng.fork('tuned'))
    /** Its rows are the class means. */
    const head = prototypeHead({ width: net.width, rng })
    const precisions = classPrecisions()
    const trained = trainedClasses()
    const asPilot = options.compat === 'pilot'
    const { tukeyPower, ridge } = options
    const shrinkage = { diagonal: options.shrinkDiagonal, offDiagonal: options.shrinkOffDiagonal }

    const prepared = (features: Tensor2D): Tensor2D =>
      l2Normalize(tukeyPower === null || asPilot ? features : tukey(features, tukeyPower))
    const precisionOf = (covariance: Tensor2D): Promise<Tensor2D> =>
      asPilot ? rowCorrelationPrecision(covariance, ridge) : correlationPrecision(covariance, shrinkage)

    return defineLearner(
      { net, head, precisions, trained },
      {
        async learn(task, context) {
          if (task.index === 0) {
            await adaptToFirstTask({ net, head, task, options, context })
            if (options.tuning !== 'none') trained.note(task)
            head.reset(task.classesAfter, { keepScale: true })
          } else head.grow(task.classesAfter)
          announcePhase(context, 'statistics')
          const features = await featuresOf(task.train, net.extractor, context)
          const covariances = tidy(() => {
            const observed = asPilot ? features : prepared(features)
            head.learn(observed, task.train.labels)
            return unstack(classCovariances(observed, task.train.labels, task.classes)) as Tensor2D[]
          })
          features.dispose()
          const own: Tensor2D[] = []
          try {
            for (const covariance of covariances) {
              context.signal.throwIfAborted()
              own.push(await precisionOf(covariance))
            }
            precisions.add(own)
          } finally {
            dispose([...covariances, ...own])
          }
        },
        extractor: net.extractor,
        readings: {
          distance: (features) => {
            const means = asPilot ? l2Normalize(head.rows()) : head.rows()
            return neg(precisions.distances(prepared(features), means))
          },
        },
        removeClass: trained.outside((label) => {
          head.remove(label)
          precisions.remove(label)
        }),
      },
    )
  },
})
