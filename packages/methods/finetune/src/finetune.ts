import { defineLearner, defineMethod, network } from '@pilotjs/core'
import { linearHead } from '@pilotjs/core/heads'
import { crossEntropy } from '@pilotjs/core/ops'
import { stagedRecipe, stagedRecipeOptions, train } from '@pilotjs/core/training'
import { slice, sub } from '@tensorflow/tfjs-core'
import * as z from 'zod'
import { pilot } from './pilot-compat'

const base = { epochs: 20, learningRate: 1e-3, milestones: [60, 120, 170], learningRateDecay: 0.1, weightDecay: 5e-4 }
const increment = { ...base, milestones: [40, 70], weightDecay: 2e-4 }

/**
 * Fine-tuning: the whole backbone and a linear head go on training on each task's images as if there had been no other.
 * It forgets, and how much is what the other methods are measured against (McCloskey and Cohen, 1989).
 */
export const finetune = defineMethod({
  name: 'finetune',
  family: 'baseline',
  paper: {
    title: 'Catastrophic Interference in Connectionist Networks: The Sequential Learning Problem',
    venue: 'Psychology of Learning and Motivation 1989',
    url: 'https://doi.org/10.1016/S0079-7421(08)60536-8',
  },
  options: z.object(stagedRecipeOptions({ batchSize: 128, base, increment })),
  accepts: { moreImages: true },
  pilot,

  create({ backbone, options, rng }) {
    const net = network({ backbone, weights: backbone.parameters })
    const head = linearHead({ width: net.width, rng })

    return defineLearner(
      { net, head },
      {
        learn(task, context) {
          head.grow(task.classesAfter)
          // The softmax is over the classes at hand: older rows get no push, and are soon out-shouted.
          const first = Math.min(...task.classes)
          return train({
            parts: [net, head],
            recipe: stagedRecipe(options, task),
            on: task.train,
            context,
            loss({ images, labels }, step) {
              const logits = head.apply(net.features(images, step))
              return crossEntropy(slice(logits, [0, first]), sub(labels, first))
            },
          })
        },
        extractor: net.extractor,
        readings: { head: head.apply },
      },
    )
  },
})
