import { linearHead } from '@pilotjs/core/heads'
import { crossEntropy, distillation, logPriors } from '@pilotjs/core/ops'
import { gradientReweighting, headGradient } from '@pilotjs/core/training'
import { defineLearner, defineMethod, network, teacherOf } from '@pilotjs/core'
import { oneHot, softTargetGradient } from '@pilotjs/core/ops'
import { train } from '@pilotjs/core/training'
import type { LabeledImages, Task } from '@pilotjs/core'
import type { HeadGradient, Recipe } from '@pilotjs/core/training'
import { budgetOf, exemplarMemory, memoryOptions } from '@pilotjs/rehearsal'
import { add, dispose, div, keep, mul, slice, softmax } from '@tensorflow/tfjs-core'
import type { Tensor2D } from '@tensorflow/tfjs-core'
import * as z from 'zod'
import { pilot } from './pilot-compat'

const epochs = z.int().nonnegative().default(20)
const learningRate = z.number().nonnegative().default(1e-3)
const weightDecay = z.number().nonnegative().default(5e-4)

/**
 * DGR: a classifier on imbalanced classes gets its gradients reweighted, so that no class' row moves more than another's, old
 * ones as a whole not less than new ones, and distillation moves it as much as learning does (He, CVPR 2024). Logits are adjusted
 * by how frequent each class is.
 */
export const dgr = defineMethod({
  name: 'dgr',
  family: 'rehearsal',
  paper: {
    title: 'Gradient Reweighting: Towards Imbalanced Class-Incremental Learning',
    venue: 'CVPR 2024',
    url: 'https://arxiv.org/abs/2402.18528',
  },
  options: z.object({
    ...memoryOptions,
    distillationWeight: z.number().nonnegative().default(1).describe('of old logits, times old per new classes'),
    decay: z.number().nonnegative().default(1).describe('how fast new classes lose weight as old ones become more'),
    temperature: z.number().positive().default(2).describe('softens both sides of the distillation'),
    batchSize: z.int().positive().default(128).describe('images per step'),
    baseEpochs: epochs.describe('walks over the images of the first task'),
    baseLearningRate: learningRate,
    baseWeightDecay: weightDecay,
    epochs: epochs.describe('walks over the images of a later task'),
    learningRate,
    weightDecay,
  }),
  pilot,

  create({ backbone, options, rng, plan }) {
    const net = network({ backbone, weights: backbone.parameters })
    const head = linearHead({ width: net.width, rng })
    const memory = exemplarMemory(budgetOf(options, plan))
    const { temperature } = options

    return defineLearner(
      { net, head, memory },
      {
        async learn(task, context) {
          const [known, classes] = [task.classesBefore, task.classesAfter]
          const teacher = known > 0 ? teacherOf(net, head, linearHead({ width: net.width, rng })) : undefined
          head.grow(classes)
          const images = memory.rehearse(task.train, context)
          const priors = logPriors(countsOf(images, classes))
          const reweighting = gradientReweighting({ classes, known, decay: options.decay })
          /** The head's gradient by either loss, from a step's forward pass to its update. */
          let parts: { learned: HeadGradient; distilled?: HeadGradient } | undefined

          await train({
            parts: [net, head],
            recipe: recipeOf(task),
            on: images,
            context,
            loss({ images, labels }, step) {
              const features = net.features(images, step)
              const logits = head.apply(features)
              const adjusted = add(logits, priors) as Tensor2D
              parts = { learned: held(headGradient(features, softTargetGradient(adjusted, oneHot(labels, classes)))) }
              const learned = crossEntropy(adjusted, labels)
              if (!teacher) return learned

              const old = slice(logits, [0, 0], [-1, known])
              const before = teacher.score(images)
              const [soft, target] = [old, before].map((scores) => div(scores, temperature) as Tensor2D)
              const byOld: Tensor2D = div(softTargetGradient(soft!, softmax(target!)), temperature)
              parts.distilled = held(headGradient(features, byOld))
              const weight = (options.distillationWeight * known) / (classes - known)
              return add(learned, mul(distillation(old, before, temperature), weight))
            },
            adjust(gradients) {
              const { learned, distilled } = parts!
              const { weight, bias } = reweighting.apply(learned, distilled)
              dispose([learned.weight, learned.bias, ...(distilled ? [distilled.weight, distilled.bias] : [])])
              return { ...gradients, '1.weight': weight, '1.bias': bias }
            },
          }).finally(() => {
            teacher?.dispose()
            priors.dispose()
            reweighting.dispose()
          })
          await memory.update(task, net.extractor, context)
        },
        extractor: net.extractor,
        readings: { head: head.apply, nearestMean: memory.nearestMean },
      },
    )

    function recipeOf({ index }: Task): Recipe {
      const { batchSize, baseEpochs, baseLearningRate, baseWeightDecay, epochs, learningRate, weightDecay } = options
      const stage = { epochs, learningRate, weightDecay }
      const base = { epochs: baseEpochs, learningRate: baseLearningRate, weightDecay: baseWeightDecay }
      return { batchSize, schedule: 'cosine', ...(index > 0 ? stage : base) }
    }
  },
})

function countsOf({ labels }: LabeledImages, classes: number): Int32Array {
  const counts = new Int32Array(classes)
  for (const label of labels) counts[label]!++
  return counts
}

/** A gradient that outlives the forward pass it was computed in. */
const held = ({ weight, bias }: HeadGradient): HeadGradient => ({ weight: keep(weight), bias: keep(bias) })
