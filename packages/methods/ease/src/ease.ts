import { announce, defineLearner, defineMethod, featuresOf, frozenFeatures, sideBySide, valuePart } from '@pilotjs/core'
import { cosineHead, crossEntropy } from '@pilotjs/core'
import { epochBatches, fit, fitting, fittingPilotKeys, train } from '@pilotjs/core'
import type { FeatureExtractor, LabeledImages, LearnContext, Task } from '@pilotjs/core'
import { adapterStack, requireTransformer } from '@pilotjs/peft'
import { classMeans } from '@pilotjs/statistics'
import { ones, pad, sub, tidy } from '@tensorflow/tfjs-core'
import type { Tensor2D } from '@tensorflow/tfjs-core'
import { z } from 'zod'
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
    ...fitting({ epochs: 20, batchSize: 48, learningRate: 0.025, weightDecay: 5e-4, schedule: 'cosine' }),
    laterEpochs: z
      .int()
      .nonnegative()
      .default(0)
      .describe('epochs of later tasks, if they differ in size; 0: as the first'),
    laterLearningRate: z.number().nonnegative().default(0).describe('likewise'),
  }),
  pilot: {
    modelNames: ['ease'],
    keys: {
      ...fittingPilotKeys,
      init_epochs: 'epochs',
      later_epochs: 'laterEpochs',
      later_lr: 'laterLearningRate',
      ffn_num: 'bottleneck',
      alpha: 'alpha',
      beta: 'beta',
      use_init_ptm: { read: (value, { moni_adam: few }) => ({ usePretrained: value === true || few === true }) },
      use_reweight: 'reweight',
      recalc_sim: 'everyLaterSubspace',
      use_diagonal: 'onlyOwnSubspace',
      use_old_data: 'useOldData',
      moni_adam: { read: (value, { adapter_num: limit }) => ({ adapterLimit: value === true ? (limit ?? 1) : null }) },
      adapter_num: { ignored: 'counts only with moni_adam, which reads it' },
      vpt_type: { ignored: 'EASE has no prompts' },
      prompt_token_num: { ignored: 'EASE has no prompts' },
    },
  },

  create({ backbone, options, rng, plan }) {
    const vit = requireTransformer(backbone, 'EASE')
    const { width, depth } = vit
    const { bottleneck, dropout, adapterLimit } = options
    const offset = options.usePretrained ? 1 : 0
    const adapters = adapterStack({ width, depth, bottleneck, dropout, prefix: 'backbone.', rng: rng.fork('adapters') })
    const proxy = cosineHead({ width, rng, name: 'proxy_fc' })
    const head = cosineHead({ width, rng, name: 'fc' })
    /** How many classes each task brought, and, where they are kept, all images so far. */
    const notes = valuePart({ sizes: [] as number[], keys: [] as string[], labels: [] as number[] })

    const subspaces = () => offset + adapters.count
    const subspace = (index: number): FeatureExtractor =>
      index < offset ? frozenFeatures(vit) : adaptedFeatures(index - offset)
    const adaptedFeatures = (task: number): FeatureExtractor => ({
      get id() {
        return `${vit.fingerprint}:${adapters.fingerprint(task)}`
      },
      width,
      apply: (images) => vit.features(images, { tuning: adapters.tuning(task) }),
    })
    const allSubspaces = () => sideBySide(Array.from({ length: subspaces() }, (_, index) => subspace(index)))

    const prototypes = () => head.variables()['fc.weight'] as Tensor2D
    const table = (): SubspaceTable => ({ prototypes: prototypes(), taskSizes: notes.value.sizes, width, offset })
    const setPrototypes = (compute: () => Tensor2D) =>
      tidy(() => head.restore({ 'fc.weight': compute(), 'fc.sigma': ones([1]) }, undefined))

    const weighs = options.reweight && adapterLimit === null
    const score = (features: Tensor2D) =>
      weighs
        ? subspaceScores(features, table(), { others: options.alpha, pretrained: options.beta })
        : head.apply(features)

    return defineLearner({
      parts: { adapters, proxy, head, notes },

      prepare(task, context) {
        if (task.classes.some((label) => label < task.classesBefore))
          throw new Error(
            `EASE gives every class to the one task that brought it, but task ${task.index} brings a class again`,
          )
        if (task.index > 0) adapters.push(context.rng.fork('adapters'))
        proxy.restore({}, undefined)
        // Where a task is smaller than planned, PILOT's proxies of the missing classes take part all the same.
        const planned = task.index === 0 ? plan.baseClasses : plan.increment
        proxy.grow(Math.max(task.classes.length, planned), { rng: context.rng })
        if (task.index === 0) head.grow(task.classesAfter, { rows: 'zero', width: width * subspaces() })
        else
          setPrototypes(() =>
            pad(prototypes(), [
              [0, task.classesAfter - task.classesBefore],
              [0, width],
            ]),
          )
      },

      async learn(task, context) {
        if (task.index < (adapterLimit ?? Infinity)) await trainAdapters(task, context)
        else await announce(context, {}, 'prototypes')
        for (let index = 0; index < subspaces(); index++)
          if (isFilled(index - offset, task)) await placePrototypes(task.train, index, task.classes, context)
        if (options.useOldData && task.index > 0) await placeOldPrototypes(task, context)
        remember(task)
        if (!options.useOldData && !options.onlyOwnSubspace)
          setPrototypes(() => completePrototypes(table(), options.everyLaterSubspace))
      },

      score: (images) => score(allSubspaces().apply(images)),
      readout: () => ({ extractor: allSubspaces(), score }),
    })

    /** Only the newest adapters learn, against proxies of the new classes alone. */
    function trainAdapters(task: Task, context: LearnContext): Promise<void> {
      const asFirst = task.index === 0 || plan.baseClasses === plan.increment
      const { laterEpochs, laterLearningRate, epochs, learningRate } = options
      const later = { epochs: laterEpochs || epochs, learningRate: laterLearningRate || learningRate }
      const noise = context.rng.fork('dropout')
      return train({
        parameters: { ...adapters.current.variables(), ...proxy.variables() },
        ...fit(asFirst ? options : { ...options, ...later }),
        ...epochBatches(task.train, { size: options.batchSize, shuffle: context.rng }),
        loss({ images, labels }) {
          const features = vit.features(images, { tuning: adapters.tuning(task.index, noise) })
          return crossEntropy(proxy.apply(features), sub(labels, task.classesBefore))
        },
        context,
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
    ) {
      const features = await featuresOf(images, subspace(index), context)
      setPrototypes(() => replaceBlock(table(), index, classes[0]!, classMeans(features, images.labels, classes)))
      features.dispose()
    }

    function remember({ classes, train }: Task): void {
      const { sizes, keys, labels } = notes.value
      const images = options.useOldData ? Array.from(train.labels.keys()) : []
      notes.value = {
        sizes: [...sizes, classes.length],
        keys: [...keys, ...images.map((position) => train.key(position))],
        labels: [...labels, ...images.map((position) => train.labels[position]!)],
      }
    }

    function placeOldPrototypes(task: Task, context: LearnContext): Promise<void> {
      const old = context.recall(notes.value.keys, notes.value.labels)
      return placePrototypes(
        old,
        subspaces() - 1,
        Array.from({ length: task.classesBefore }, (_, label) => label),
        context,
      )
    }
  },
})
