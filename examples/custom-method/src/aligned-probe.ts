import { defineLearner, defineMethod, network } from '@pilotjs/core'
import { linearHead } from '@pilotjs/core/heads'
import { crossEntropy } from '@pilotjs/core/ops'
import { recipeOptions, train } from '@pilotjs/core/training'
import * as tf from '@tensorflow/tfjs-core'
import * as z from 'zod'

/**
 * A method in forty lines: a linear head on frozen features that sees, at each task, the new classes only, and whose rows are
 * brought to one length before they compete, so that new rows don't out-shout old ones (after Zhao et al., "Maintaining
 * Discrimination and Fairness in Class Incremental Learning", CVPR 2020).
 */
export const alignedProbe = defineMethod({
  name: 'aligned-probe',
  family: 'baseline',
  paper: {
    title: 'Maintaining Discrimination and Fairness in Class Incremental Learning',
    venue: 'CVPR 2020',
    url: 'https://arxiv.org/abs/1911.07053',
  },
  options: z.object(recipeOptions({ epochs: 2, batchSize: 64, learningRate: 0.01, schedule: 'constant' })),
  accepts: { moreImages: true },

  create({ backbone, options, rng }) {
    const { extractor, features, width } = network({ backbone })
    const head = linearHead({ width, rng, bias: false })

    return defineLearner(
      { head },
      {
        learn(task, context) {
          head.grow(task.classesAfter, { rng: context.rng.fork('head') })
          const first = Math.min(...task.classes)
          return train({
            parts: [head],
            recipe: options,
            on: task.train,
            context,
            loss: ({ images, labels }) =>
              crossEntropy(tf.slice(head.apply(features(images)), [0, first]), tf.sub(labels, first)),
          })
        },
        // Features of a frozen backbone are computed once per image and kept.
        extractor,
        readings: { head: (kept) => tf.div(head.apply(kept), tf.norm(head.rows(), 'euclidean', 1)) },
      },
    )
  },
})
