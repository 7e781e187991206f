import { defineLearner, defineMethod, network } from '@pilotjs/core'
import { featuresOf } from '@pilotjs/core/features'
import { linearHead } from '@pilotjs/core/heads'
import { crossEntropy } from '@pilotjs/core/ops'
import { recipeOptions, train } from '@pilotjs/core/training'
import { seenImages } from '@pilotjs/rehearsal'
import * as z from 'zod'
import { featureBatches } from './feature-batches'

/**
 * A linear probe: with every task a new linear classifier is trained on the frozen features of all images of all tasks so far.
 * What it reaches is what a linear classifier can read off the pre-trained features when nothing has to be forgotten.
 */
export const linearProbe = defineMethod({
  name: 'linear-probe',
  family: 'baseline',
  paper: {
    title: 'Understanding intermediate layers using linear classifier probes',
    venue: 'ICLR Workshop 2017',
    url: 'https://arxiv.org/abs/1610.01644',
  },
  options: z.object(recipeOptions({ batchSize: 128, epochs: 50, learningRate: 0.1, schedule: 'cosine' })),
  accepts: { moreImages: true },

  create({ backbone, options, rng }) {
    const { extractor, width } = network({ backbone })
    const head = linearHead({ width, rng })
    const seen = seenImages()

    return defineLearner(
      { head, seen },
      {
        async learn(task, context) {
          seen.add(task)
          const images = seen.images(context)
          // A frozen extractor: features of earlier tasks' images are in the cache.
          const features = await featuresOf(images, extractor, context)
          try {
            head.reset(task.classesAfter, { rows: 'zero' })
            await train({
              parts: [head],
              recipe: options,
              on: featureBatches(features, images.labels, { size: options.batchSize, rng: context.rng.fork('order') }),
              context,
              loss: (batch) => crossEntropy(head.apply(batch.features), batch.labels),
            })
          } finally {
            features.dispose()
          }
        },
        extractor,
        readings: { head: head.apply },
      },
    )
  },
})
