import { announcePhase, defineLearner, defineMethod } from '@pilotjs/core'
import { classesCrossEntropy, crossEntropy } from '@pilotjs/core/ops'
import { linearHead, prototypeHead } from '@pilotjs/core/heads'
import { valuePart } from '@pilotjs/core/parts'
import { recipeOptions, train } from '@pilotjs/core/training'
import type { LearnContext, Task } from '@pilotjs/core'
import { drawnFeatureBatches } from '@pilotjs/statistics'
import { add, mul, slice, softmax } from '@tensorflow/tfjs-core'
import type { Tensor2D } from '@tensorflow/tfjs-core'
import * as z from 'zod'
import { classStatistics, statisticsNames } from './class-statistics'
import { mergedAdapters } from './merged-adapters'
import { orthogonality } from './orthogonality'
import { pilot } from './pilot-compat'
import { refined } from './refined'

/**
 * MOS: adapters of the task at hand are pulled towards the mean of earlier tasks' with every step, so that features drift little;
 * an image finds its task's adapters by refining a guess until guess and prediction agree (Sun et al., AAAI 2025).
 */
export const mos = defineMethod({
  name: 'mos',
  family: 'merging',
  paper: {
    title: 'MOS: Model Surgery for Pre-Trained Model-Based Class-Incremental Learning',
    venue: 'AAAI 2025',
    url: 'https://arxiv.org/abs/2412.09441',
  },
  options: z.object({
    compat: z
      .enum(['paper', 'pilot'])
      .default('paper')
      .describe('pilot: adapters merge once a block and forward pass, also when they only look'),
    bottleneck: z.int().positive().default(16).describe('adapter: numbers between down and up projection'),
    dropout: z.number().min(0).lt(1).default(0.1).describe('adapter: share of activations dropped in training'),
    momentum: z.number().min(0).max(1).default(0.1).describe('of the earlier adapters’ mean, with every step'),
    orthogonality: z.number().nonnegative().default(0.1).describe('weight of keeping images apart from class means'),
    ensemble: z.boolean().default(true).describe('prototypes of the first adapters score beside the refined guess'),
    statistics: z.enum(statisticsNames).default('covariance').describe('what is kept of a class to align the head'),
    centroids: z.int().positive().default(10).describe('statistics centroids: groups per class'),
    alignEpochs: z.int().nonnegative().default(30).describe('walks over drawn features'),
    alignLearningRate: z.number().nonnegative().default(0.005),
    ...recipeOptions({ epochs: 20, batchSize: 48, learningRate: 0.03, weightDecay: 5e-4, schedule: 'cosine' }),
  }),
  pilot,

  create({ backbone, options, rng, plan }) {
    const asPilot = options.compat === 'pilot'
    const { batchSize, learningRate, weightDecay, orthogonality: apart } = options
    const adapters = mergedAdapters({ backbone, options, rng: rng.fork('adapters'), everyBlock: asPilot })
    const head = linearHead({ width: backbone.width, rng, label: 'head', initialization: 'truncatedNormal' })
    const prototypes = prototypeHead({ width: backbone.width, rng })
    const statistics = classStatistics({ ...options, width: backbone.width, rng: rng.fork('statistics') })
    const taskOf = valuePart<readonly number[]>([])

    const seen = (logits: Tensor2D): Tensor2D => slice(logits, [0, 0], [-1, taskOf.value.length])
    const guess = (features: Tensor2D): Tensor2D =>
      prototypes.apply(slice(features, [0, 0], [-1, backbone.width])) as Tensor2D
    const refine = (features: Tensor2D): Tensor2D =>
      refined({ features, guess: guess(features), taskOf: taskOf.value, score: (own) => seen(head.apply(own)) })
    const tasks = () => 1 + taskOf.value.at(-1)!
    const alone = { refined: refine, prototypes: guess }
    const ensemble = (features: Tensor2D): Tensor2D =>
      add(softmax(refine(features)), softmax(mul(guess(features), tasks())))

    return defineLearner(
      { ...adapters.parts, head, prototypes, taskOf, statistics },
      {
        async learn(task, context) {
          head.grow(Math.max(plan?.totalClasses ?? 0, task.classesAfter))
          prototypes.grow(task.classesAfter)
          taskOf.value = [...taskOf.value, ...task.classes.map(() => task.index)]
          await train({
            parts: [adapters.current, { parts: [head], learningRate: learningRate * 0.1 }],
            recipe: options,
            on: task.train,
            context,
            loss({ images, labels }, step) {
              const features = adapters.features(images, step)
              const own = classesCrossEntropy(head.apply(features), labels, task.classes)
              return add(own, mul(orthogonality(features, statistics.means()), apart))
            },
            adjust: adapters.beforeStep,
            afterStep: adapters.afterStep,
          })
          adapters.store()
          const features = await adapters.featuresByClass(task, context)
          await statistics.learn(features.features, features.labels, task.classes)
          features.features.dispose()
          if (task.index > 0 && options.alignEpochs > 0) await align(task, context)
          announcePhase(context, 'prototypes')
          const first = await adapters.firstFeatures(task, context)
          prototypes.learn(first, task.train.labels)
          first.dispose()
        },
        extractor: adapters.extractor,
        readings: options.ensemble ? { ensemble, ...alone } : alone,
      },
    )

    async function align(task: Task, context: LearnContext): Promise<void> {
      const drawn = await statistics.sources()
      try {
        await train({
          phase: 'align',
          parts: [head],
          recipe: {
            epochs: options.alignEpochs,
            batchSize: 5 * batchSize,
            learningRate: options.alignLearningRate,
            weightDecay,
            schedule: 'cosine',
          },
          on: drawnFeatureBatches({
            sources: drawn.sources,
            samples: 5 * batchSize,
            // With several groups a class, PILOT walks over as many batches as there are classes, and leaves the rest.
            ...(asPilot && { steps: task.classesAfter }),
            rng: context.rng.fork('align'),
          }),
          context,
          loss: ({ features, labels }) => crossEntropy(seen(head.apply(features)), labels),
        })
      } finally {
        drawn.dispose()
      }
    }
  },
})
