import { defineLearner, defineMethod } from '@pilotjs/core'
import { joinVariables, trainableOf, weightsPart } from '@pilotjs/core/parts'
import type { NamedTensors } from '@pilotjs/core'
import type { TrainStep } from '@pilotjs/core/training'
import { averageWeights, fisherAverage, slowLearner, slowLearnerOptions } from '@pilotjs/statistics'
import { mul, tidy } from '@tensorflow/tfjs-core'
import * as z from 'zod'
import { fisherOfTask, isLast } from './fisher-of-task'
import { pilot } from './pilot-compat'

/**
 * CoFiMA: after every task the weights are averaged with those from before it, each by how much it matters to either (its Fisher
 * information); the rest is SLCA, a slow backbone and aligned heads (Marouf et al., ECCV 2024).
 */
export const cofima = defineMethod({
  name: 'cofima',
  family: 'merging',
  paper: {
    title: 'Weighted Ensemble Models Are Strong Continual Learners',
    venue: 'ECCV 2024',
    url: 'https://arxiv.org/abs/2312.08977',
  },
  options: z.object({
    compat: z
      .enum(['paper', 'pilot'])
      .default('paper')
      .describe('pilot: old heads are weighed by left-over gradients, and new heads shrink by their own'),
    fisherWeighting: z.boolean().default(true).describe('false: a plain average (CoMA)'),
    newerShare: z.number().min(0).max(1).default(0.4).describe('λ: of the newer weights in the average'),
    ...slowLearnerOptions,
  }),
  pilot,

  create({ backbone, options, rng }) {
    const asPilot = options.compat === 'pilot'
    const { fisherWeighting, newerShare } = options
    const slow = slowLearner({ backbone, options, rng, equalTasks: asPilot })
    const { net, heads, aligned } = slow.parts
    /** How much each weight mattered to the task before. */
    const fisher = weightsPart({})
    /** What PILOT's heads have left over: the gradient of the last step that had one for them. */
    const stale = asPilot && fisherWeighting ? weightsPart({}) : undefined
    /** Heads as they score, and of the backbone what learns. */
    const weights = () => joinVariables({ net, heads: aligned }, trainableOf)

    const keepLast = (gradients: NamedTensors, step: TrainStep): NamedTensors => {
      // Alignment is told of the aligned heads alone, which come first.
      if (isLast(step))
        stale!.restore(
          mapNames(gradients, (name) => name.replace(/^0\./, 'heads.')),
          undefined,
        )
      return gradients
    }

    return defineLearner(
      { ...slow.parts, fisher, ...(stale && { stale }) },
      {
        async learn(task, context) {
          const before = weightsPart(task.index > 0 ? weights() : {})
          try {
            await slow.learn(task, context)
            const matters = weightsPart({})
            if (fisherWeighting)
              await fisherOfTask({ net, heads: aligned, task, context, options, stale, into: matters })
            tidy(() => assign(task.index === 0 ? {} : merged(before.variables(), matters.variables())))
            fisher.restore(matters.variables(), undefined)
            matters.dispose()
          } finally {
            before.dispose()
          }
          await slow.remember(task, context)
          await slow.align(task, context, stale && keepLast)
        },
        extractor: net.extractor,
        readings: {
          aligned: (features) => aligned.apply(features),
          trained: (features) => heads.apply(features),
        },
      },
    )

    function merged(before: NamedTensors, matters: NamedTensors): NamedTensors {
      const now = weights()
      if (!fisherWeighting) return averageWeights(before, now, newerShare)
      const average = fisherAverage(
        { weights: before, fisher: fisher.variables() },
        { weights: now, fisher: matters },
        newerShare,
      )
      if (!asPilot) return average
      // What only the newer weights have, PILOT multiplies by its information, and does not divide again.
      return Object.fromEntries(
        Object.entries(average).map(([name, value]) => [name, before[name] ? value : mul(value, matters[name]!)]),
      )
    }

    function assign(values: NamedTensors): void {
      const now = weights()
      for (const [name, value] of Object.entries(values)) now[name]!.assign(value)
    }
  },
})

const mapNames = (tensors: NamedTensors, rename: (name: string) => string): NamedTensors =>
  Object.fromEntries(Object.entries(tensors).map(([name, tensor]) => [rename(name), tensor]))
