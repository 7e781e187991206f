import { crossEntropy, defineLearner, defineMethod, linearHead, network, recipeOptions, train } from '@pilotjs/core'
import { slice, sub } from '@tensorflow/tfjs-core'
import * as z from 'zod'

/** MyMethod: train a linear head on frozen features, each task on its new classes alone. A start: change it into your own. */
export const myMethod = defineMethod({
  name: 'my-method',
  family: 'baseline',
  paper: { title: 'The title of your paper', venue: 'Venue year', url: 'https://example.org' },
  options: z.object(recipeOptions({ epochs: 5, batchSize: 48, learningRate: 0.01 })),
  accepts: { moreImages: true },

  create({ backbone, options, rng }) {
    const { extractor, features, width } = network({ backbone })
    const head = linearHead({ width, rng })

    return defineLearner(
      { head },
      {
        learn(task, context) {
          head.grow(task.classesAfter)
          const first = Math.min(...task.classes)
          return train({
            parts: [head],
            recipe: options,
            on: task.train,
            context,
            loss: ({ images, labels }) =>
              crossEntropy(slice(head.apply(features(images)), [0, first]), sub(labels, first)),
          })
        },
        // Features of a frozen backbone are computed once per image and kept.
        extractor,
        readings: { head: head.apply },
      },
    )
  },
})
