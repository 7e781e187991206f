import { network, teacherOf } from '@pilotjs/core'
import { linearHead } from '@pilotjs/core/heads'
import { crossEntropy, distillation } from '@pilotjs/core/ops'
import { defineLearner, defineMethod } from '@pilotjs/core'
import { stagedRecipe, stagedRecipeOptions, train } from '@pilotjs/core/training'
import { budgetOf, exemplarMemory, memoryOptions } from '@pilotjs/rehearsal'
import { add, slice } from '@tensorflow/tfjs-core'
import * as z from 'zod'
import { pilot } from './pilot-compat'

const base = { epochs: 20, learningRate: 1e-3, milestones: [60, 120, 170], learningRateDecay: 0.1, weightDecay: 5e-4 }
const increment = { ...base, milestones: [80, 120], weightDecay: 2e-4 }

/**
 * iCaRL: train on new classes and a few exemplars of the old ones, distil what the network knew before, and classify by the
 * nearest mean of exemplars (Rebuffi et al., CVPR 2017). As in PILOT the new classes are learned by cross-entropy over a
 * softmax, not by the paper's sigmoids, and the linear head's predictions stand beside the nearest means.
 */
export const icarl = defineMethod({
  name: 'icarl',
  family: 'rehearsal',
  paper: {
    title: 'iCaRL: Incremental Classifier and Representation Learning',
    venue: 'CVPR 2017',
    url: 'https://arxiv.org/abs/1611.07725',
  },
  options: z.object({
    ...memoryOptions,
    temperature: z.number().positive().default(2).describe('softens both sides of the distillation'),
    ...stagedRecipeOptions({ batchSize: 128, base, increment }),
  }),
  accepts: { moreImages: true },
  pilot,

  create({ backbone, options, rng, plan }) {
    const net = network({ backbone, weights: backbone.parameters })
    const head = linearHead({ width: net.width, rng })
    const memory = exemplarMemory(budgetOf(options, plan))

    return defineLearner(
      { net, head, memory },
      {
        async learn(task, context) {
          const before = task.index > 0 ? teacherOf(net, head, linearHead({ width: net.width, rng })) : undefined
          head.grow(task.classesAfter)
          await train({
            parts: [net, head],
            recipe: stagedRecipe(options, task),
            on: memory.rehearse(task.train, context),
            context,
            loss({ images, labels }, step) {
              const logits = head.apply(net.features(images, step))
              const loss = crossEntropy(logits, labels)
              if (!before) return loss
              const known = slice(logits, [0, 0], [-1, task.classesBefore])
              return add(loss, distillation(known, before.score(images), options.temperature))
            },
          }).finally(() => before?.dispose())
          await memory.update(task, net.extractor, context)
        },
        extractor: net.extractor,
        readings: { head: head.apply, nearestMean: memory.nearestMean },
      },
    )
  },
})
