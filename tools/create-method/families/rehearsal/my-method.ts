import { defineLearner, defineMethod, network } from '@pilotjs/core'
import { linearHead } from '@pilotjs/core/heads'
import { crossEntropy } from '@pilotjs/core/ops'
import { recipeOptions, train } from '@pilotjs/core/training'
import { budgetOf, exemplarMemory, memoryOptions } from '@pilotjs/rehearsal'
import * as z from 'zod'

/**
 * MyMethod: the whole network learns new classes together with a few exemplars of the old ones. A start: change it into your own.
 */
export const myMethod = defineMethod({
  name: 'my-method',
  family: 'rehearsal',
  paper: { title: 'The title of your paper', venue: 'Venue year', url: 'https://example.org' },
  options: z.object({
    ...memoryOptions,
    ...recipeOptions({ epochs: 5, batchSize: 48, learningRate: 0.001 }),
  }),
  accepts: { moreImages: true },

  create({ backbone, options, rng, plan }) {
    const net = network({ backbone, weights: backbone.parameters })
    const head = linearHead({ width: net.width, rng })
    const memory = exemplarMemory(budgetOf(options, plan))

    return defineLearner(
      { net, head, memory },
      {
        async learn(task, context) {
          head.grow(task.classesAfter)
          await train({
            parts: [net, head],
            recipe: options,
            on: memory.rehearse(task.train, context),
            context,
            loss: ({ images, labels }, step) => crossEntropy(head.apply(net.features(images, step)), labels),
          })
          await memory.update(task, net.extractor, context)
        },
        extractor: net.extractor,
        readings: { head: head.apply, nearestMean: memory.nearestMean },
      },
    )
  },
})
