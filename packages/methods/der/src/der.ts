import { network } from '@pilotjs/core'
import { sideBySide } from '@pilotjs/core/features'
import { linearHead } from '@pilotjs/core/heads'
import { crossEntropy, noveltyLoss } from '@pilotjs/core/ops'
import { partList } from '@pilotjs/core/parts'
import { defineLearner, defineMethod } from '@pilotjs/core'
import { stagedRecipe, stagedRecipeOptions, train } from '@pilotjs/core/training'
import type { NamedTensors } from '@pilotjs/core'
import { budgetOf, exemplarMemory, memoryOptions } from '@pilotjs/rehearsal'
import { add, concat } from '@tensorflow/tfjs-core'
import * as z from 'zod'
import { pilot } from './pilot-compat'

const base = { epochs: 10, learningRate: 1e-3, milestones: [60, 120, 170], learningRateDecay: 0.1, weightDecay: 5e-4 }
const increment = { ...base, milestones: [80, 120, 150], weightDecay: 2e-4 }

/**
 * DER: every task adds a feature extractor, the earlier ones are frozen, and one classifier reads all features side by side.
 * An auxiliary classifier, new classes against "any old one", makes the newest extractor learn what the others miss
 * (Yan, Xie and He, CVPR 2021). As in PILOT, extractors are not pruned.
 */
export const der = defineMethod({
  name: 'der',
  family: 'expansion',
  paper: {
    title: 'DER: Dynamically Expandable Representation for Class Incremental Learning',
    venue: 'CVPR 2021',
    url: 'https://arxiv.org/abs/2103.16788',
  },
  options: z.object({
    compat: z.enum(['paper', 'pilot']).default('paper').describe('pilot: a new extractor starts as the last one'),
    ...memoryOptions,
    ...stagedRecipeOptions({ batchSize: 32, base, increment }),
  }),
  accepts: { moreImages: true },
  pilot,

  create({ backbone, options, rng, plan }) {
    const nets = partList((_, weights: NamedTensors = backbone.parameters) => network({ backbone, weights }))
    const { width } = backbone
    const head = linearHead({ width, rng })
    const auxiliary = linearHead({ width, rng, label: 'aux_fc' })
    const memory = exemplarMemory(budgetOf(options, plan))
    const extractor = () => sideBySide(nets.items.map((net) => net.extractor))

    return defineLearner(
      { nets, head, auxiliary, memory },
      {
        async learn(task, context) {
          const newest = nets.add(options.compat === 'pilot' ? nets.newest?.weights() : undefined)
          const frozen = nets.items.slice(0, -1)
          head.grow(task.classesAfter, { width: width * nets.items.length })
          auxiliary.reset(task.classes.length + 1, { rng: context.rng })
          await train({
            parts: [newest, head, auxiliary],
            recipe: stagedRecipe(options, task),
            on: memory.rehearse(task.train, context),
            context,
            loss({ images, labels }, step) {
              const own = newest.features(images, step)
              const all = concat([...frozen.map((net) => net.features(images)), own], 1)
              const loss = crossEntropy(head.apply(all), labels)
              if (task.index === 0) return loss
              return add(loss, noveltyLoss(auxiliary.apply(own), labels, task.classesBefore))
            },
          })
          newest.freeze()
          await memory.update(task, extractor(), context)
        },
        extractor,
        readings: { head: head.apply, nearestMean: memory.nearestMean },
      },
    )
  },
})
