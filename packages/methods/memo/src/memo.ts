import { linearHead } from '@pilotjs/core/heads'
import { crossEntropy, noveltyLoss } from '@pilotjs/core/ops'
import { partList } from '@pilotjs/core/parts'
import { defineLearner, defineMethod } from '@pilotjs/core'
import { cosine, stagedRecipe, stagedRecipeOptions, train } from '@pilotjs/core/training'
import type { NamedTensors, Network, Task } from '@pilotjs/core'
import type { Recipe } from '@pilotjs/core/training'
import { requireTransformer } from '@pilotjs/peft'
import { budgetOf, exemplarMemory, memoryOptions } from '@pilotjs/rehearsal'
import { add, concat, dispose, mul } from '@tensorflow/tfjs-core'
import type { Scalar } from '@tensorflow/tfjs-core'
import * as z from 'zod'
import { loseMeans } from './lost-means'
import { pilot } from './pilot-compat'
import { sharedTrunk } from './shared-trunk'
import { untrainedBlock } from './untrained-block'

const base = { epochs: 10, learningRate: 1e-3, milestones: [60, 120, 170], learningRateDecay: 0.1, weightDecay: 5e-4 }
const increment = { ...base, epochs: 20, milestones: [80, 120, 150], weightDecay: 2e-4 }

/**
 * MEMO: shallow blocks are alike for all tasks, deep ones are not. All tasks share the trunk that the first one tuned; every task
 * adds a last block of its own, and one classifier reads the features of all (Zhou et al., ICLR 2023).
 */
export const memo = defineMethod({
  name: 'memo',
  family: 'expansion',
  paper: {
    title: 'A Model or 603 Exemplars: Towards Memory-Efficient Class-Incremental Learning',
    venue: 'ICLR 2023',
    url: 'https://arxiv.org/abs/2205.13218',
  },
  options: z.object({
    compat: z.enum(['paper', 'pilot']).default('paper').describe('pilot: the first last block starts untrained'),
    ...memoryOptions,
    trainTrunk: z.boolean().default(false).describe('the shared blocks train in later tasks as well'),
    trainOldBlocks: z.boolean().default(false).describe("earlier tasks' last blocks go on training"),
    noveltyWeight: z.number().nonnegative().default(1).describe('of the loss that tells new classes from old ones'),
    ...stagedRecipeOptions({ batchSize: 32, base, increment }),
    schedule: z.enum(['multiStep', 'cosine']).default('multiStep'),
    cosineEpochs: z.int().positive().optional().describe("length of a later task's cosine; default: its epochs"),
  }),
  accepts: { moreImages: true },
  pilot,

  create({ backbone, options, rng, plan }) {
    const { width } = backbone
    const shared = sharedTrunk(requireTransformer(backbone, 'MEMO'))
    const { trunk } = shared
    const ends = partList((_, weights?: NamedTensors) => shared.end(weights))
    const head = linearHead({ width, rng })
    const auxiliary = linearHead({ width, rng, label: 'aux_fc' })
    const memory = exemplarMemory(budgetOf(options, plan))
    const extractor = () => shared.extractor(ends.items)

    return defineLearner(
      { trunk, ends, head, auxiliary, memory },
      {
        async learn(task, context) {
          const newest = addEnd()
          head.grow(task.classesAfter, { width: width * ends.items.length })
          auxiliary.reset(task.classesAfter - task.classesBefore + 1, { rng: context.rng })
          await train({
            // What is frozen of them does not train.
            parts: [trunk, ...ends.items, head, auxiliary],
            recipe: recipeOf(task),
            on: memory.rehearse(task.train, context),
            context,
            loss({ images, labels }, step) {
              const tokens = shared.tokens(images, step)
              const features = ends.items.map((end) => shared.features(end, tokens, step))
              const loss = crossEntropy(head.apply(concat(features, 1)), labels)
              if (task.index === 0) return loss
              const novelty = noveltyLoss(auxiliary.apply(features.at(-1)!), labels, task.classesBefore)
              return add(loss, mul(novelty, options.noveltyWeight)) as Scalar
            },
          })
          if (!options.trainTrunk) trunk.freeze()
          if (!options.trainOldBlocks) newest.freeze()
          await memory.update(task, extractor(), context)
          if (options.compat === 'pilot' && !options.fixedMemory) loseMeans(memory, task)
        },
        extractor,
        readings: { head: head.apply, nearestMean: memory.nearestMean },
      },
    )

    /** A new last block starts as the one before it; the first as pre-trained. */
    function addEnd(): Network {
      if (ends.newest) return ends.add(ends.newest.weights())
      if (options.compat === 'paper') return ends.add()
      const untrained = untrainedBlock(shared.pretrainedEnd, rng.fork('last block'))
      const end = ends.add({ ...shared.pretrainedEnd, ...untrained })
      dispose(Object.values(untrained))
      return end
    }

    function recipeOf(task: Task): Recipe {
      const recipe = stagedRecipe(options, task)
      if (options.schedule === 'multiStep') return recipe
      return { ...recipe, schedule: cosine(task.index > 0 ? { epochs: options.cosineEpochs } : {}) }
    }
  },
})
