import { defineLearner, defineMethod, network } from '@pilotjs/core'
import { linearHead } from '@pilotjs/core/heads'
import { crossEntropy } from '@pilotjs/core/ops'
import { recipeOptions, train } from '@pilotjs/core/training'
import { adapters } from '@pilotjs/peft'
import { slice, sub } from '@tensorflow/tfjs-core'
import * as z from 'zod'

/**
 * MyMethod: adapters in a frozen transformer and a linear head learn each task's new classes. A start: change it into your own.
 */
export const myMethod = defineMethod({
  name: 'my-method',
  family: 'adapter',
  paper: { title: 'The title of your paper', venue: 'Venue year', url: 'https://example.org' },
  options: z.object({
    bottleneck: z.int().positive().default(64).describe('numbers between down and up projection'),
    dropout: z.number().min(0).lt(1).default(0.1).describe('share of bottleneck activations dropped in training'),
    ...recipeOptions({ epochs: 5, batchSize: 48, learningRate: 0.01 }),
  }),
  accepts: { moreImages: true },

  create({ backbone, options, rng }) {
    const { bottleneck, dropout } = options
    const net = network({ backbone, tuning: adapters({ bottleneck, dropout, rng: rng.fork('adapters') }) })
    const head = linearHead({ width: net.width, rng })

    return defineLearner(
      { net, head },
      {
        learn(task, context) {
          head.grow(task.classesAfter)
          const first = Math.min(...task.classes)
          return train({
            parts: [net, head],
            recipe: options,
            on: task.train,
            context,
            // `step` tells the network that it is training: dropout is on.
            loss: ({ images, labels }, step) =>
              crossEntropy(slice(head.apply(net.features(images, step)), [0, first]), sub(labels, first)),
          })
        },
        extractor: net.extractor,
        readings: { head: head.apply },
      },
    )
  },
})
