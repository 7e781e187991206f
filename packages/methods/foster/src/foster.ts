import { network } from '@pilotjs/core'
import { sideBySide } from '@pilotjs/core/features'
import { linearHead } from '@pilotjs/core/heads'
import { crossEntropy, distillation, untaped } from '@pilotjs/core/ops'
import { partList, valuePart } from '@pilotjs/core/parts'
import { alignNewRows, balancedCrossEntropy, balancedDistillation } from '@pilotjs/core/ops'
import { announcePhase, defineLearner, defineMethod } from '@pilotjs/core'
import { train } from '@pilotjs/core/training'
import type { LabeledImages, LearnContext, NamedTensors, Task } from '@pilotjs/core'
import type { Head } from '@pilotjs/core/heads'
import type { Recipe } from '@pilotjs/core/training'
import { budgetOf, exemplarMemory } from '@pilotjs/rehearsal'
import { addN, concat, dispose, mul, slice, tidy } from '@tensorflow/tfjs-core'
import type { Scalar, Tensor2D, Tensor4D } from '@tensorflow/tfjs-core'
import { classWeights } from './class-weights'
import { oldFeatureMask } from './old-feature-mask'
import { fosterOptions } from './options'
import { pilot } from './pilot-compat'

/**
 * FOSTER: gradient boosting with networks. A second extractor learns what the first, frozen, gets wrong (boosting); then both are
 * distilled into one network again (compression), which the next task begins with (Wang et al., ECCV 2022).
 */
export const foster = defineMethod({
  name: 'foster',
  family: 'expansion',
  paper: {
    title: 'FOSTER: Feature Boosting and Compression for Class-Incremental Learning',
    venue: 'ECCV 2022',
    url: 'https://arxiv.org/abs/2204.04662',
  },
  options: fosterOptions,
  accepts: { moreImages: true },
  pilot,

  create({ backbone, options, rng, plan }) {
    const { width } = backbone
    const copyOfBackbone = (_: number, weights: NamedTensors = backbone.parameters) => network({ backbone, weights })
    /** The network that is known, frozen once a second one stands beside it. */
    const nets = partList(copyOfBackbone)
    const head = linearHead({ width, rng })
    const featureHead = linearHead({ width, rng, label: 'fe_fc' })
    const oldHead = linearHead({ width, rng })
    /** What both are distilled into. */
    const student = partList(copyOfBackbone)
    const studentHead = linearHead({ width, rng, label: 'student.fc' })
    const memory = exemplarMemory(budgetOf(options, plan))
    const imagesSeen = valuePart(0)

    const extractor = () => sideBySide(nets.items.map((net) => net.extractor))
    const teach = (images: Tensor4D): Tensor2D => head.apply(extractor().apply(images) as Tensor2D)
    const recipe = (own: Pick<Recipe, 'epochs'> & Partial<Recipe>): Recipe => ({
      batchSize: options.batchSize,
      learningRate: options.learningRate,
      schedule: 'cosine',
      ...own,
    })
    const countBy = options.classCounts ?? (options.compat === 'pilot' ? 'positions' : 'images')

    return defineLearner(
      { nets, head, featureHead, oldHead, student, studentHead, memory, imagesSeen },
      {
        async learn(task, context) {
          const images = memory.rehearse(task.train, context)
          if (task.index === 0) await learnFirst(task, images, context)
          else {
            // As in PILOT the expanded network has scored until now; what goes on is the compressed one.
            if (student.newest) keepStudent()
            await boost(task, images, context)
            await compress(task, images, context)
            if (options.compat === 'paper') keepStudent()
          }
          imagesSeen.value += task.train.length
          await memory.update(task, extractor(), context)
        },
        extractor,
        readings: { head: head.apply, nearestMean: memory.nearestMean },
      },
    )

    async function learnFirst(task: Task, images: LabeledImages, context: LearnContext): Promise<void> {
      const net = nets.add()
      head.grow(task.classesAfter)
      await train({
        parts: [net, head],
        recipe: recipe({
          epochs: options.baseEpochs,
          learningRate: options.baseLearningRate,
          weightDecay: options.baseWeightDecay,
        }),
        on: images,
        context,
        loss: ({ images, labels }, step) => crossEntropy(head.apply(net.features(images, step)), labels),
      })
      net.freeze()
    }

    /** A second extractor and a wider head learn; the first extractor stays as it is. */
    async function boost(task: Task, images: LabeledImages, context: LearnContext): Promise<void> {
      const [old] = nets.items
      const newest = nets.add(old!.weights())
      oldHead.copyFrom(head)
      head.grow(task.classesAfter, { width: 2 * width })
      featureHead.reset(task.classesAfter, { rng: context.rng })
      announcePhase(context, 'expansion')

      const weights = classWeights(task, images, { beta: options.boostingBeta, countBy, before: imagesSeen.value })
      const mask = options.newClassesReadOldFeatures ? undefined : oldFeatureMask(task, width)
      if (mask) tidy(() => head.setRows('all', mul(head.rows(), mask)))
      await train({
        phase: 'boosting',
        parts: [newest, head, featureHead],
        recipe: recipe({ epochs: options.boostingEpochs, weightDecay: options.weightDecay }),
        on: images,
        context,
        adjust: (gradients) => (mask ? { ...gradients, '1.weight': mul(gradients['1.weight']!, mask) } : gradients),
        loss({ images, labels }, step) {
          const before = untaped(() => old!.features(images))
          const own = newest.features(images, step)
          const logits = head.apply(concat([before, own], 1))
          const known: Tensor2D = slice(logits, [0, 0], [-1, task.classesBefore])
          return addN([
            balancedCrossEntropy(logits, labels, weights),
            crossEntropy(featureHead.apply(own), labels),
            mul(distillation(known, oldHead.apply(before), options.temperature), options.distillationWeight),
          ]) as Scalar
        },
      }).finally(() => dispose(mask ? [weights, mask] : weights))
      newest.freeze()
      if (options.alignTeacher) align(head, task)
    }

    /** Both extractors and their head are distilled into one network that starts as the old one. */
    async function compress(task: Task, images: LabeledImages, context: LearnContext): Promise<void> {
      const small = student.add(nets.items[0]!.weights())
      studentHead.copyFrom(oldHead)
      studentHead.grow(task.classesAfter)
      const weights = classWeights(task, images, { beta: options.compressionBeta, countBy, before: imagesSeen.value })
      await train({
        phase: 'compression',
        parts: [small, studentHead],
        recipe: recipe({ epochs: options.compressionEpochs }),
        on: images,
        context: { ...context, rng: context.rng.fork('compression') },
        loss: ({ images }, step) =>
          balancedDistillation(
            studentHead.apply(small.features(images, step)),
            untaped(() => teach(images)),
            weights,
            options.temperature,
          ),
      }).finally(() => weights.dispose())
      small.freeze()
      if (options.alignStudent) align(studentHead, task)
    }

    function align(own: Head, { classesBefore, classesAfter }: Task): void {
      const fresh = classesAfter - classesBefore
      if (fresh === 0) return
      const share = options.alignmentShare ** (classesBefore / fresh)
      tidy(() => own.setRows('all', alignNewRows(own.rows(), classesBefore, share)))
    }

    /** The compressed network takes the place of both: one network is left. */
    function keepStudent(): void {
      nets.truncate(1)
      nets.items[0]!.load(student.newest!.weights())
      head.copyFrom(studentHead)
      student.truncate(0)
      for (const done of [featureHead, oldHead, studentHead]) done.dispose()
    }
  },
})
