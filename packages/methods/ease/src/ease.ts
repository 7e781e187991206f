import { announcePhase, network } from '@pilotjs/core'
import { sideBySide } from '@pilotjs/core/features'
import { cosineHead } from '@pilotjs/core/heads'
import { crossEntropy } from '@pilotjs/core/ops'
import { partList, valuePart } from '@pilotjs/core/parts'
import { defineLearner, defineMethod } from '@pilotjs/core'
import { featuresOf } from '@pilotjs/core/features'
import { recipeOptions, train } from '@pilotjs/core/training'
import type { LabeledImages, LearnContext, Task } from '@pilotjs/core'
import type { Rng } from '@pilotjs/core/random'
import { adapters } from '@pilotjs/peft'
import { classMeans } from '@pilotjs/statistics'
import { sub, tidy } from '@tensorflow/tfjs-core'
import type { Tensor2D } from '@tensorflow/tfjs-core'
import * as z from 'zod'
import { pilot } from './pilot-compat'
import { completePrototypes, replaceBlock, subspaceScores } from './subspaces'
import type { SubspaceTable } from './subspaces'

/**
 * EASE: every task trains adapters of its own, a subspace; classes are prototypes in all subspaces, and where old classes
 * have no images any more, their prototypes are put together from newer classes by similarity (Zhou et al., CVPR 2024).
 */
export const ease = defineMethod({
  name: 'ease',
  family: 'adapter',
  paper: {
    title: 'Expandable Subspace Ensemble for Pre-Trained Model-Based Class-Incremental Learning',
    venue: 'CVPR 2024',
    url: 'https://arxiv.org/abs/2403.12030',
  },
  options: z.object({
    bottleneck: z.int().positive().default(64).describe('adapter: numbers between down and up projection'),
    dropout: z.number().min(0).lt(1).default(0.1).describe('adapter: share of activations dropped in training'),
    alpha: z.number().nonnegative().default(0.1).describe('weight of all other tasks’ subspaces against a task’s own'),
    beta: z.number().nonnegative().default(0).describe('weight of the pre-trained network’s subspace'),
    usePretrained: z.boolean().default(false).describe('the pre-trained network is a subspace too'),
    reweight: z.boolean().default(true).describe('weigh subspaces by alpha and beta; else one cosine over all'),
    everyLaterSubspace: z.boolean().default(true).describe('complete prototypes in all later subspaces anew'),
    onlyOwnSubspace: z.boolean().default(false).describe('prototypes in a class’ own subspace only'),
    useOldData: z.boolean().default(false).describe('old classes’ prototypes from their images, not completed'),
    adapterLimit: z.int().nullable().default(null).describe('adapters for the first tasks only, plain cosine'),
    ...recipeOptions({ epochs: 20, batchSize: 48, learningRate: 0.025, weightDecay: 5e-4, schedule: 'cosine' }),
    laterEpochs: z
      .int()
      .nonnegative()
      .default(0)
      .describe('epochs of later tasks, if they differ in size; 0: as the first'),
    laterLearningRate: z.number().nonnegative().default(0).describe('likewise'),
  }),
  pilot,

  create({ backbone, options, rng, plan }) {
    const { width } = backbone
    const { bottleneck, dropout, adapterLimit } = options
    const pretrained = network({ backbone })
    const nets = partList((_, drawn: Rng = rng) =>
      network({ backbone, tuning: adapters({ bottleneck, dropout, rng: drawn }) }),
    )
    const proxy = cosineHead({ width, rng, label: 'proxy_fc' })
    const head = cosineHead({ width, rng })
    /** How many classes each task brought, and, where they are kept, all images so far. */
    const notes = valuePart({ sizes: [] as number[], keys: [] as string[], labels: [] as number[] })

    const offset = options.usePretrained ? 1 : 0
    const subspaces = () => [...(options.usePretrained ? [pretrained] : []), ...nets.items]
    const table = (): SubspaceTable => ({ prototypes: head.rows(), taskSizes: notes.value.sizes, width, offset })
    const setPrototypes = (compute: () => Tensor2D) => tidy(() => head.setRows('all', compute()))
    const weighs = options.reweight && adapterLimit === null

    return defineLearner(
      { nets, proxy, head, notes },
      {
        async learn(task, context) {
          const net = nets.add((task.index === 0 ? rng : context.rng).fork('adapters'))
          head.grow(task.classesAfter, { rows: 'zero', width: width * subspaces().length })
          if (task.index < (adapterLimit ?? Infinity)) await trainAdapters(task, context)
          else announcePhase(context, 'prototypes')
          net.freeze()
          for (const index of subspaces().keys())
            if (isFilled(index - offset, task)) await placePrototypes(task.train, index, task.classes, context)
          if (options.useOldData && task.index > 0) await placeOldPrototypes(task, context)
          remember(task)
          if (!options.useOldData && !options.onlyOwnSubspace)
            setPrototypes(() => completePrototypes(table(), options.everyLaterSubspace))
        },
        extractor: () => sideBySide(subspaces().map((net) => net.extractor)),
        readings: {
          head: (features) =>
            weighs
              ? subspaceScores(features, table(), { others: options.alpha, pretrained: options.beta })
              : head.apply(features),
        },
      },
    )

    /** Only the newest adapters learn, against proxies of the new classes alone. */
    function trainAdapters(task: Task, context: LearnContext): Promise<void> {
      const net = nets.newest!
      // Where a task is smaller than planned, PILOT's proxies of the missing classes take part all the same.
      const planned = (task.index === 0 ? plan?.baseClasses : plan?.increment) ?? 0
      proxy.reset(Math.max(task.classes.length, planned), { rng: context.rng })
      const [size, ownSize] = plan ? [plan.baseClasses, plan.increment] : [notes.value.sizes[0], task.classes.length]
      const asFirst = task.index === 0 || size === ownSize
      const { laterEpochs, laterLearningRate, epochs, learningRate } = options
      const later = { epochs: laterEpochs || epochs, learningRate: laterLearningRate || learningRate }
      return train({
        parts: [net, proxy],
        recipe: asFirst ? options : { ...options, ...later },
        on: task.train,
        context,
        loss: ({ images, labels }, step) =>
          crossEntropy(proxy.apply(net.features(images, step)), sub(labels, task.classesBefore)),
      })
    }

    /** Whether new classes get prototypes in the subspace of this adapter (−1: the pre-trained network). */
    function isFilled(adapter: number, task: Task): boolean {
      if (adapterLimit !== null) return adapter < adapterLimit
      return !options.onlyOwnSubspace || adapter === -1 || adapter === task.index
    }

    async function placePrototypes(
      images: LabeledImages,
      index: number,
      classes: readonly number[],
      context: LearnContext,
    ): Promise<void> {
      const features = await featuresOf(images, subspaces()[index]!.extractor, context)
      setPrototypes(() => replaceBlock(table(), index, classes[0]!, classMeans(features, images.labels, classes)))
      features.dispose()
    }

    function placeOldPrototypes(task: Task, context: LearnContext): Promise<void> {
      const old = context.recall(notes.value.keys, notes.value.labels)
      return placePrototypes(old, subspaces().length - 1, [...Array(task.classesBefore).keys()], context)
    }

    function remember({ classes, train }: Task): void {
      const { sizes, keys, labels } = notes.value
      const images = options.useOldData ? [...train.labels.keys()] : []
      notes.value = {
        sizes: [...sizes, classes.length],
        keys: [...keys, ...images.map((position) => train.key(position))],
        labels: [...labels, ...images.map((position) => train.labels[position]!)],
      }
    }
  },
})
