import { defineLearner, defineMethod, network } from '@pilotjs/core'
import { linearHead } from '@pilotjs/core/heads'
import { crossEntropy } from '@pilotjs/core/ops'
import { recipeOptions, train } from '@pilotjs/core/training'
import { seenImages } from '@pilotjs/rehearsal'
import * as z from 'zod'

/**
 * Joint training: with every task the pre-trained network is taken anew and trained on all images of all tasks so far. What it
 * reaches is what continual learning of the same network could reach at most, at a cost that grows with the square of the tasks.
 */
export const joint = defineMethod({
  name: 'joint',
  family: 'baseline',
  paper: {
    title: 'Learning without Forgetting (joint training as its upper bound)',
    venue: 'ECCV 2016',
    url: 'https://arxiv.org/abs/1606.09282',
  },
  options: z.object(
    recipeOptions({ batchSize: 128, epochs: 20, learningRate: 1e-2, weightDecay: 5e-4, schedule: 'cosine' }),
  ),
  accepts: { moreImages: true },

  create({ backbone, options, rng }) {
    const net = network({ backbone, weights: backbone.parameters })
    const head = linearHead({ width: net.width, rng })
    const seen = seenImages()

    return defineLearner(
      { net, head, seen },
      {
        async learn(task, context) {
          seen.add(task)
          net.load(backbone.parameters)
          head.reset(task.classesAfter, { rng: context.rng.fork('head') })
          await train({
            parts: [net, head],
            recipe: options,
            on: seen.images(context),
            context,
            loss: ({ images, labels }, step) => crossEntropy(head.apply(net.features(images, step)), labels),
          })
        },
        extractor: net.extractor,
        readings: { head: head.apply },
      },
    )
  },
})
