import { slice, sub } from '@tensorflow/tfjs-core'
import type { Tensor4D } from '@tensorflow/tfjs-core'
import {
  crossEntropy,
  defineLearner,
  defineMethod,
  epochBatches,
  fitStage,
  linearHead,
  stagedFitting,
  stagedFittingPilotKeys,
  train,
  weightsPart,
  withoutMemoryPilotKeys,
} from '@pilotjs/core'
import { z } from 'zod'

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
  options: z.object(
    stagedFitting({
      batchSize: 128,
      base: {
        epochs: 20,
        learningRate: 1e-3,
        milestones: [60, 120, 170],
        learningRateDecay: 0.1,
        weightDecay: 5e-4,
      },
      increment: { epochs: 20, learningRate: 1e-3, milestones: [40, 70], learningRateDecay: 0.1, weightDecay: 2e-4 },
    }),
  ),
  pilot: { modelNames: ['finetune'], keys: { ...stagedFittingPilotKeys, ...withoutMemoryPilotKeys } },

  create({ backbone, options, rng }) {
    const body = weightsPart({ prefix: 'backbone.', tensors: backbone.parameters })
    const head = linearHead({ width: backbone.width, rng })
    const logits = (images: Tensor4D, training = false) =>
      head.apply(backbone.features(images, { parameters: body.tensors(), training }))

    return defineLearner({
      parts: { body, head },
      prepare: (task) => head.grow(task.classesAfter),
      learn(task, context) {
        // The softmax is over the classes at hand: older rows get no push, and are soon out-shouted.
        const first = Math.min(...task.classes)
        return train({
          ...fitStage(options, task),
          ...epochBatches(task.train, { size: options.batchSize, shuffle: context.rng }),
          parameters: { ...body.variables(), ...head.variables() },
          loss: ({ images, labels }) => crossEntropy(slice(logits(images, true), [0, first]), sub(labels, first)),
          context,
        })
      },
      score: (images) => logits(images),
    })
  },
})
