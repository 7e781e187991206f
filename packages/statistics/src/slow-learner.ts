import { announcePhase, network } from '@pilotjs/core'
import { featuresOf } from '@pilotjs/core/features'
import { taskHeads } from '@pilotjs/core/heads'
import { crossEntropy, normalizeLogits } from '@pilotjs/core/ops'
import { train } from '@pilotjs/core/training'
import { recipeOptions } from '@pilotjs/core/training'
import type { Backbone, LearnContext, NamedTensors, Network, Task } from '@pilotjs/core'
import type { TaskHeads } from '@pilotjs/core/heads'
import type { Rng } from '@pilotjs/core/random'
import type { TrainStep } from '@pilotjs/core/training'
import { mul, slice, sub } from '@tensorflow/tfjs-core'
import type { Tensor2D } from '@tensorflow/tfjs-core'
import * as z from 'zod'
import { classGaussians } from './class-gaussians'
import type { ClassGaussians } from './class-gaussians'
import { drawnFeatureBatches, gaussianSources } from './gaussian-batches'

/**
 * The options of every method that learns slowly and aligns its classifier, under PILOT's defaults; spread them into a method's
 * own.
 */
export const slowLearnerOptions = {
  ...recipeOptions({
    epochs: 20,
    batchSize: 64,
    learningRate: 0.01,
    weightDecay: 5e-4,
    schedule: 'multiStep',
    milestones: [18],
  }),
  backboneScale: z
    .number()
    .nonnegative()
    .default(0.01)
    .describe('of the learning rate, for the backbone: it learns slowly; 0: not at all'),
  alignEpochs: z.int().nonnegative().default(3).describe('walks over drawn features, for all classes’ heads'),
  logitNorm: z
    .number()
    .nonnegative()
    .default(0.1)
    .describe('temperature of logits divided by their length while heads are aligned; 0: logits as they are'),
  samplesPerClass: z.int().positive().default(256).describe('features drawn of each class, anew every epoch'),
}

export type SlowLearnerOptions = z.infer<z.ZodObject<typeof slowLearnerOptions>>

export interface SlowLearnerSetup {
  readonly backbone: Backbone
  readonly options: SlowLearnerOptions
  readonly rng: Rng
  /** PILOT takes every task to have brought as many classes as the newest one. Default false. */
  readonly equalTasks?: boolean
}

/** What sequential fine-tuning with aligned heads keeps and does: SLCA is these three steps, CoFiMA merges weights in between. */
export interface SlowLearner {
  /** Heads as they were trained, the same as they score; a Gaussian of each class. */
  readonly parts: { net: Network; heads: TaskHeads; aligned: TaskHeads; gaussians: ClassGaussians }
  /** The backbone learns slowly, the new classes' head quickly. */
  learn(task: Task, context: LearnContext): Promise<void>
  /** Mean and covariance of the new classes, as the backbone sees them now. */
  remember(task: Task, context: LearnContext): Promise<void>
  /**
   * Trains all heads together on features drawn from the Gaussians. The first task has nothing to align with.
   * @param adjust sees the gradients by `0.TASK.NAME`, as `train` hands them
   */
  align(
    task: Task,
    context: LearnContext,
    adjust?: (gradients: NamedTensors, step: TrainStep) => NamedTensors,
  ): Promise<void>
}

/** SLCA's slow learner with classifier alignment (Zhang et al., ICCV 2023, https://arxiv.org/abs/2303.05118). */
export function slowLearner({ backbone, options, rng, equalTasks = false }: SlowLearnerSetup): SlowLearner {
  const net = network({ backbone, weights: backbone.parameters })
  const heads = taskHeads({ width: net.width, rng })
  const aligned = taskHeads({ width: net.width, rng })
  const gaussians = classGaussians({ width: net.width })
  const { backboneScale, logitNorm, alignEpochs, samplesPerClass: samples } = options
  const learns = backboneScale > 0
  if (!learns) net.freeze()

  return {
    parts: { net, heads, aligned, gaussians },
    async learn(task, context) {
      // Aligned heads score, and no more: training goes on from those before alignment.
      aligned.clear()
      const head = heads.add(task.classes.length)
      const slowly = { parts: [net], learningRate: options.learningRate * backboneScale }
      await train({
        parts: [head, ...(learns ? [slowly] : [])],
        recipe: options,
        on: task.train,
        context,
        loss: ({ images, labels }, step) =>
          crossEntropy(head.apply(net.features(images, step)), sub(labels, task.classesBefore)),
      })
      aligned.copyFrom(heads)
    },
    async remember(task, context) {
      announcePhase(context, 'statistics')
      const features = await featuresOf(task.train, net.extractor, context)
      gaussians.learn(features, task.train.labels, task.classes)
      features.dispose()
    },
    async align(task, context, adjust) {
      if (task.index === 0 || alignEpochs === 0) return
      const sampler = await gaussians.sampler()
      try {
        const { learningRate, weightDecay } = options
        await train({
          phase: 'align',
          parts: [aligned],
          recipe: { epochs: alignEpochs, batchSize: samples, learningRate, weightDecay, schedule: 'cosine' },
          on: drawnFeatureBatches({
            sources: gaussianSources(sampler, task.classesAfter, (label) => expectedMean(label, task)),
            samples,
            rng: context.rng.fork('align'),
          }),
          context,
          loss({ features, labels }) {
            const logits = aligned.apply(features)
            return crossEntropy(logitNorm > 0 ? normalizeLogits(logits, aligned.sizes, logitNorm) : logits, labels)
          },
          ...(adjust && { adjust }),
        })
      } finally {
        sampler.dispose()
      }
    },
  }

  /**
   * Old classes' means a little nearer to zero: the older, the less a backbone that went on learning finds what it found then.
   */
  function expectedMean(label: number, task: Task): Tensor2D {
    const age = equalTasks ? Math.floor(label / task.classes.length) : taskOf(label, heads.sizes)
    const mean = slice(gaussians.means, [label, 0], [1, net.width])
    return mul(mean, 0.9 + (0.1 * (age + 1)) / (task.index + 1))
  }
}

/** Which task brought a class. */
function taskOf(label: number, sizes: readonly number[]): number {
  let first = 0
  return sizes.findIndex((size) => label < (first += size))
}
