import { network, teacherOf } from '@pilotjs/core'
import { cosineHead } from '@pilotjs/core/heads'
import { cosineSimilarity, crossEntropy, distillation } from '@pilotjs/core/ops'
import { defineLearner, defineMethod } from '@pilotjs/core'
import { softTargetCrossEntropy } from '@pilotjs/core/ops'
import { valuePart } from '@pilotjs/core/parts'
import { recipeOptions, train } from '@pilotjs/core/training'
import type { LearnContext, Task } from '@pilotjs/core'
import { budgetOf, exemplarMemory, memoryOptions } from '@pilotjs/rehearsal'
import { addN, dispose, div, keep, mean, mul, norm, slice, softmax, tidy } from '@tensorflow/tfjs-core'
import type { Scalar, Tensor2D } from '@tensorflow/tfjs-core'
import * as z from 'zod'
import { classDirections } from './class-directions'
import { pilot } from './pilot-compat'
import { transportRows } from './transport-rows'

/** Steps between two transports from new classes to old ones. */
const renewal = 30

/**
 * COIL: knowledge of classes is carried both ways by optimal transport. Rows of new classes start as those of old classes that
 * they resemble; while they train, rows that the new classes would give to the old ones must still know what was known (Zhou, Ye
 * and Zhan, ACM MM 2021).
 */
export const coil = defineMethod({
  name: 'coil',
  family: 'rehearsal',
  paper: {
    title: 'Co-Transport for Class-Incremental Learning',
    venue: 'ACM MM 2021',
    url: 'https://arxiv.org/abs/2107.12654',
  },
  options: z.object({
    compat: z.enum(['paper', 'pilot']).default('paper').describe('pilot: reads all earlier images between tasks'),
    ...memoryOptions,
    sinkhornRegularization: z.number().positive().default(0.464).describe('weight of the entropy in transport'),
    distancePower: z.number().positive().default(3).describe('of the Minkowski distance between classes'),
    prospectiveWeight: z.number().nonnegative().default(1e-3).describe('of keeping to the transported rows, at first'),
    retrospectiveWeight: z.number().nonnegative().default(1e-3).describe('of old rows out of new ones, later'),
    temperature: z.number().positive().default(2).describe('softens both sides of a distillation'),
    ...recipeOptions({
      batchSize: 64,
      epochs: 10,
      learningRate: 1e-3,
      weightDecay: 5e-4,
      schedule: 'multiStep',
      milestones: [80, 120],
    }),
  }),
  pilot,

  create({ backbone, options, rng, plan }) {
    const net = network({ backbone, weights: backbone.parameters })
    const head = cosineHead({ width: net.width, rng })
    const memory = exemplarMemory(budgetOf(options, plan))
    const isPilot = options.compat === 'pilot'
    /** With compat pilot: the keys of all training images, by class. */
    const everyKey = valuePart<string[][]>([])
    const { temperature } = options
    const transport = (known: number) => ({
      regularization: options.sinkhornRegularization,
      power: options.distancePower,
      ...(isPilot && { eachMass: known }),
    })

    return defineLearner(
      { net, head, memory, everyKey },
      {
        async learn(task, context) {
          if (task.index === 0) await learnFirst(task, context)
          else await learnNext(task, context)
          if (isPilot) remember(task)
          await memory.update(task, net.extractor, context)
        },
        extractor: net.extractor,
        readings: { head: head.apply, nearestMean: memory.nearestMean },
      },
    )

    async function learnFirst(task: Task, context: LearnContext): Promise<void> {
      head.grow(task.classesAfter)
      await train({
        parts: [net, head],
        recipe: options,
        on: task.train,
        context,
        loss: ({ images, labels }, step) => crossEntropy(head.apply(net.features(images, step)), labels),
      })
    }

    async function learnNext(task: Task, context: LearnContext): Promise<void> {
      const known = task.classesBefore
      const teacher = teacherOf(net, head, cosineHead({ width: net.width, rng }))
      const prospective = await prospect(task, context)
      let retrospective: Tensor2D | undefined
      head.grow(task.classesAfter, { rows: prospective })
      const share = known / task.classesAfter
      await train({
        parts: [net, head],
        recipe: options,
        on: memory.rehearse(task.train, context),
        context,
        async beforeStep({ epoch, step }) {
          if (epoch === 0 || step % renewal !== 0) return
          const before = retrospective
          retrospective = await retrospect(task, context)
          before?.dispose()
        },
        loss({ images, labels }, step) {
          const features = net.features(images, step)
          const logits = head.apply(features)
          const before = teacher.score(images)
          const old: Tensor2D = slice(logits, [0, 0], [-1, known])
          const kept = mul(distillation(old, before, temperature), share)
          const learned = mul(crossEntropy(logits, labels), 1 - share)
          if (step.epoch === 0) {
            const fresh: Tensor2D = slice(logits, [0, known], [-1, -1])
            const start = softmax(div(cosineSimilarity(features, prospective), temperature) as Tensor2D)
            const faithful = softTargetCrossEntropy(div(fresh, temperature), start)
            return addN([kept, learned, mul(faithful, options.prospectiveWeight)]) as Scalar
          }
          const carried = distillation(cosineSimilarity(features, retrospective!), before, temperature)
          const weight = options.retrospectiveWeight * (step.epoch / step.epochs) ** 2
          return addN([kept, learned, mul(carried, weight)]) as Scalar
        },
      }).finally(() => {
        teacher.dispose()
        dispose(retrospective ? [prospective, retrospective] : prospective)
      })
    }

    /** Rows for the new classes out of those of the old ones, as long on average. */
    async function prospect(task: Task, context: LearnContext): Promise<Tensor2D> {
      const [old, fresh] = await directions(task, context)
      const rows = head.rows()
      const moved = await transportRows(old, fresh, rows, transport(task.classesBefore))
      const scaled = tidy(() => {
        const length = (of: Tensor2D) => mean(norm(of, 2, 1))
        return keep(mul<Tensor2D>(moved, div(length(rows), length(moved))))
      })
      dispose([old, fresh, rows, moved])
      return scaled
    }

    /** Rows for the old classes out of those that the new ones have by now. */
    async function retrospect(task: Task, context: LearnContext): Promise<Tensor2D> {
      const exemplars = memory.images(context)!
      const old = await classDirections(exemplars, upTo(task.classesBefore), net.extractor, context)
      const fresh = await classDirections(task.train, task.classes, net.extractor, context)
      const rows = head.rows(task.classes)
      const moved = await transportRows(fresh, old, rows, transport(task.classesBefore))
      dispose([old, fresh, rows])
      return moved
    }

    /** Where old classes and new ones lie before training: old ones by their exemplars, and as PILOT by all their images. */
    async function directions(task: Task, context: LearnContext): Promise<[Tensor2D, Tensor2D]> {
      const labels = everyKey.value.flatMap((own, label) => own.map(() => label))
      const earlier = isPilot ? context.recall(everyKey.value.flat(), labels) : memory.images(context)!
      return [
        await classDirections(earlier, upTo(task.classesBefore), net.extractor, context),
        await classDirections(task.train, task.classes, net.extractor, context),
      ]
    }

    function remember({ classes, train }: Task): void {
      const keysOf = (label: number) =>
        Array.from(train.labels.keys())
          .filter((position) => train.labels[position] === label)
          .map((position) => train.key(position))
      everyKey.value = [...everyKey.value, ...classes.map(keysOf)]
    }
  },
})

const upTo = (count: number): number[] => Array.from({ length: count }, (_, label) => label)
