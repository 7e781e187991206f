import { crossEntropy, defineLearner, defineMethod, epochBatches, linearHead, sgd, train } from '@pilotjs/core'
import type { Tensor2D, Tensor4D } from '@tensorflow/tfjs-core'
import * as tf from '@tensorflow/tfjs-core'
import { z } from 'zod'

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
  options: z.object({
    epochs: z.int().positive().default(2),
    batchSize: z.int().positive().default(64),
    learningRate: z.number().positive().default(0.01),
  }),

  create({ backbone, options, rng }) {
    const head = linearHead({ width: backbone.width, rng, bias: false })
    const features = (images: Tensor4D) => backbone.features(images)
    const aligned = (kept: Tensor2D) => {
      const lengths = tf.norm(head.variables()['fc.weight']!, 'euclidean', 1)
      return tf.div<Tensor2D>(head.apply(kept), lengths)
    }

    return defineLearner({
      parts: { head },
      prepare: (task, context) => head.grow(task.classesAfter, { rng: context.rng.fork('head') }),
      learn: (task, context) =>
        train({
          parameters: head.variables(),
          optimizer: sgd({ learningRate: options.learningRate, momentum: 0.9 }),
          epochs: options.epochs,
          ...epochBatches(task.train, { size: options.batchSize, shuffle: context.rng.fork('batches') }),
          loss: ({ images, labels }) => {
            const fresh = tf.slice(head.apply(features(images)), [0, task.classesBefore])
            return crossEntropy(fresh, tf.sub(labels, task.classesBefore))
          },
          context,
        }),
      score: (images) => aligned(features(images)),
      readout: () => ({
        extractor: { id: backbone.fingerprint, width: backbone.width, apply: features },
        score: aligned,
      }),
    })
  },
})
