import { defineLearner, defineMethod, network } from '@pilotjs/core'
import { linearHead } from '@pilotjs/core/heads'
import { crossEntropy } from '@pilotjs/core/ops'
import { recipeOptions, train } from '@pilotjs/core/training'
import { prefixes } from '@pilotjs/peft'
import { slice, sub } from '@tensorflow/tfjs-core'
import * as z from 'zod'

/**
 * MyMethod: keys and values before those of a frozen transformer's first blocks are learned. A start: change it into your own.
 */
export const myMethod = defineMethod({
  name: 'my-method',
  family: 'prompt',
  paper: { title: 'The title of your paper', venue: 'Venue year', url: 'https://example.org' },
  options: z.object({
    length: z.int().positive().default(5).describe('keys and values per block'),
    blocks: z.array(z.int().nonnegative()).default([0, 1]).describe('blocks that get some, counted from 0'),
    ...recipeOptions({ epochs: 5, batchSize: 48, learningRate: 0.01, optimizer: 'adam' }),
  }),
  accepts: { moreImages: true },

  create({ backbone, options, rng }) {
    const { blocks, length } = options
    const net = network({ backbone, tuning: prefixes({ blocks, length, rng: rng.fork('prefixes') }) })
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
            // Only the task's own classes compete: the head's other rows get no push.
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
