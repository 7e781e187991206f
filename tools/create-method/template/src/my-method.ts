import { crossEntropy, defineLearner, defineMethod, epochBatches, linearHead, sgd, train } from '@pilotjs/core'
import type { Tensor4D } from '@tensorflow/tfjs-core'
import * as tf from '@tensorflow/tfjs-core'
import { z } from 'zod'

/** MyMethod: train a linear head on frozen features, each task on its new classes alone. A start: change it into your own. */
export const myMethod = defineMethod({
  name: 'my-method',
  family: 'baseline',
  paper: { title: 'The title of your paper', venue: 'Venue year', url: 'https://example.org' },
  options: z.object({
    epochs: z.int().positive().default(5).describe("passes over a task's training images"),
    batchSize: z.int().positive().default(48).describe('images per step'),
    learningRate: z.number().positive().default(0.01).describe("SGD's step size"),
  }),

  create({ backbone, options, rng }) {
    const head = linearHead({ width: backbone.width, rng: rng.fork('head') })
    const features = (images: Tensor4D) => backbone.features(images)

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
            const logits = head.apply(features(images))
            const fresh = tf.slice(logits, [0, task.classesBefore], [-1, task.classesAfter - task.classesBefore])
            return crossEntropy(fresh, tf.sub(labels, tf.scalar(task.classesBefore, 'int32')))
          },
          context,
        }),
      score: (images) => head.apply(features(images)),
      // Features of a frozen backbone are computed once per image and kept.
      readout: () => ({
        extractor: { id: backbone.fingerprint, width: backbone.width, apply: features },
        score: (kept) => head.apply(kept),
      }),
    })
  },
})
