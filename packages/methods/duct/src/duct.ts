import { announcePhase, defineLearner, defineMethod, network } from '@pilotjs/core'
import type { LearnContext, NamedTensors, Task } from '@pilotjs/core'
import { featuresOf, frozenFeatures } from '@pilotjs/core/features'
import { cosineHead, prototypeHead } from '@pilotjs/core/heads'
import { classesCrossEntropy, l2Normalize } from '@pilotjs/core/ops'
import { valuePart, weightsPart } from '@pilotjs/core/parts'
import type { Part } from '@pilotjs/core/parts'
import { heldBack, recipeOptions, scheduleOf, train } from '@pilotjs/core/training'
import type { PartGroup } from '@pilotjs/core/training'
import { nearestMeanScores } from '@pilotjs/rehearsal'
import { addTaskVector, averageWeights, classMeans, taskVector, transportPlan } from '@pilotjs/statistics'
import { add, dispose, matMul, mean, mul, sum, tidy } from '@tensorflow/tfjs-core'
import type { Tensor2D } from '@tensorflow/tfjs-core'
import * as z from 'zod'
import { classRanges } from './class-ranges'
import { pilot } from './pilot-compat'

/**
 * DUCT: every task trains a copy of the pre-trained network, and what that changed is added up in one network for all tasks. The
 * head is then trained again for the new classes, and rows of old classes move towards those of new ones that they resemble, by
 * optimal transport (Zhou et al., CVPR 2025).
 */
export const duct = defineMethod({
  name: 'duct',
  family: 'merging',
  paper: {
    title: 'Dual Consolidation for Pre-Trained Model-Based Domain-Incremental Learning',
    venue: 'CVPR 2025',
    url: 'https://arxiv.org/abs/2410.00911',
  },
  options: z.object({
    compat: z
      .enum(['paper', 'pilot'])
      .default('paper')
      .describe('pilot: later tasks’ rows start as zeros, whose first gradient is all they learn'),
    merging: z
      .enum(['taskVectors', 'average'])
      .default('taskVectors')
      .describe('what tasks changed adds up, scaled by similarity; or a moving average of trained networks'),
    mergeShare: z
      .number()
      .min(0)
      .max(1)
      .default(0.25)
      .describe('of what a task changed, that goes into the merged network'),
    headShare: z.number().min(0).max(1).default(0.25).describe('of transported rows in the rows of old classes'),
    regularization: z.number().positive().default(0.02).describe('weight of the entropy in transport'),
    backboneScale: z.number().positive().default(0.01).describe('of the learning rate, for the backbone'),
    baseEpochs: z.int().nonnegative().optional().describe('epochs of the first task; default: as all others'),
    retrainEpochs: z.int().nonnegative().default(5).describe('walks over the images for the head alone, once merged'),
    slowEpochs: z
      .int()
      .nonnegative()
      .default(5)
      .describe('first epochs of a training, at a third of the learning rate'),
    ...recipeOptions({ epochs: 10, batchSize: 128, learningRate: 0.1, weightDecay: 5e-4, schedule: 'constant' }),
  }),
  pilot,

  create({ backbone, options, rng }) {
    const asPilot = options.compat === 'pilot'
    const { learningRate, mergeShare, headShare, regularization } = options
    const pretrained = frozenFeatures(backbone)
    const net = network({ backbone, weights: backbone.parameters })
    const head = cosineHead({ width: net.width, rng })
    /** Of every class, as the pre-trained network sees it. */
    const means = prototypeHead({ width: net.width, rng, scale: false })
    const sizes = valuePart<readonly number[]>([])
    const schedule = heldBack({ epochs: options.slowEpochs, factor: 1 / 3 }, scheduleOf(options))

    return defineLearner(
      { net, head, means, sizes },
      {
        async learn(task, context) {
          sizes.value = [...sizes.value, task.classes.length]
          head.grow(task.classesAfter, { rows: asPilot && task.index > 0 ? 'zero' : 'random' })
          await consolidate(task, context)
          await fit('retrain', [head], options.retrainEpochs, task, context)
          if (task.index > 0) await transport(task, context)
        },
        extractor: net.extractor,
        readings: {
          head: head.apply,
          nearestMean: (features) => nearestMeanScores(features, asPilot ? means.rows() : l2Normalize(means.rows())),
        },
      },
    )

    /** Trains the pre-trained network on the task, and merges what came of it with what came of earlier ones. */
    async function consolidate(task: Task, context: LearnContext): Promise<void> {
      const earlier = weightsPart(net.weights())
      try {
        net.load(backbone.parameters)
        await rememberMeans(task, context)
        const slowly = { parts: [net], learningRate: learningRate * options.backboneScale }
        const epochs = (task.index === 0 ? options.baseEpochs : undefined) ?? options.epochs
        await fit('train', [head, slowly], epochs, task, context)
        announcePhase(context, 'merge')
        const similarity = await similarityOfMeans(task, context)
        tidy(() => net.load(merged(earlier.variables(), similarity)))
      } finally {
        earlier.dispose()
      }
    }

    function merged(earlier: NamedTensors, similarity: number): NamedTensors {
      if (options.merging === 'average') return averageWeights(earlier, net.weights(), mergeShare)
      return addTaskVector(earlier, taskVector(net.weights(), backbone.parameters), mergeShare * similarity)
    }

    async function fit(
      phase: string,
      parts: readonly (Part | PartGroup)[],
      epochs: number,
      task: Task,
      context: LearnContext,
    ): Promise<void> {
      await train({
        phase,
        parts,
        recipe: { ...options, epochs, schedule },
        on: task.train,
        context,
        loss: ({ images, labels }, step) =>
          classesCrossEntropy(head.apply(net.features(images, step)), labels, task.classes),
      })
    }

    async function rememberMeans(task: Task, context: LearnContext): Promise<void> {
      const features = await featuresOf(task.train, pretrained, context)
      means.grow(task.classesAfter)
      means.learn(features, task.train.labels)
      features.dispose()
    }

    /** Mean cosine of the new classes' means before and after training. */
    async function similarityOfMeans(task: Task, context: LearnContext): Promise<number> {
      const features = await featuresOf(task.train, net.extractor, context)
      const cosine = tidy(() => {
        const after = classMeans(features, task.train.labels, task.classes)
        return mean(sum(mul(l2Normalize(means.rows(task.classes)), l2Normalize(after)), 1))
      })
      const [value] = await cosine.data()
      dispose([features, cosine])
      return value!
    }

    /** Mixes into the rows of every earlier task's classes those of new classes, by how cheaply one moves onto the other. */
    async function transport(task: Task, context: LearnContext): Promise<void> {
      announcePhase(context, 'transport')
      // PILOT takes all tasks to be as large as the newest.
      const ranges = classRanges(asPilot ? sizes.value.map(() => task.classes.length) : sizes.value)
      const fresh = ranges.at(-1)!
      for (const old of ranges.slice(0, -1)) {
        const [from, to] = [means.rows(fresh), means.rows(old)]
        const eachMass = asPilot ? fresh.length : undefined
        const plan = await transportPlan(from, to, { regularization, power: 2, eachMass })
        tidy(() => {
          const carried = matMul<Tensor2D>(plan, head.rows(fresh), true)
          head.setRows(old, add(mul(head.rows(old), 1 - headShare), mul(carried, headShare)))
        })
        dispose([from, to, plan])
      }
    }
  },
})
