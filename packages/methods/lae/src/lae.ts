import { defineLearner, defineMethod, network } from '@pilotjs/core'
import { linearHead } from '@pilotjs/core/heads'
import { classesCrossEntropy } from '@pilotjs/core/ops'
import { followWithDecay } from '@pilotjs/core/training'
import { sideBySide } from '@pilotjs/core/features'
import { recipeOptions, train } from '@pilotjs/core/training'
import type { NamedTensors, TuningKind } from '@pilotjs/core'
import type { Rng } from '@pilotjs/core/random'
import { attentionAdapters, lora, scaledPrefixes } from '@pilotjs/peft'
import { maximum, softmax, split } from '@tensorflow/tfjs-core'
import type { Tensor2D } from '@tensorflow/tfjs-core'
import * as z from 'zod'
import { pilot } from './pilot-compat'

const options = z.object({
  compat: z
    .enum(['paper', 'pilot'])
    .default('paper')
    .describe('pilot: the slow expert starts untrained, and the first task freezes modules, too'),
  module: z.enum(['prefix', 'adapter', 'lora']).default('prefix').describe('what is tuned'),
  length: z.int().positive().default(10).describe('prefix: keys and values per block'),
  bottleneck: z.int().positive().default(5).describe('adapter: numbers between down and up projection'),
  rank: z.int().positive().default(5).describe('LoRA: rank of the updates of keys and values'),
  blocks: z.array(z.int().nonnegative()).default([0, 1, 2, 3, 4]).describe('the blocks that are tuned'),
  decay: z.number().min(0).max(1).default(0.9999).describe('of the slow expert, per step: 1 stands still'),
  freezeEpochs: z.int().nonnegative().default(3).describe('first epochs of a task in which only the head learns'),
  idleAdapters: z.boolean().default(false).describe('compat pilot only: adapters are made and never called'),
  ...recipeOptions({ epochs: 5, batchSize: 128, learningRate: 0.0028125, optimizer: 'adam', schedule: 'constant' }),
})

/**
 * LAE: a fast expert learns each task, a slow one follows it as a moving average, and the surer of the two speaks (Gao et al.,
 * ICCV 2023). The experts are modules of any kind beside a frozen transformer; they share one head.
 */
export const lae = defineMethod({
  name: 'lae',
  family: 'adapter',
  paper: {
    title: 'A Unified Continual Learning Framework with General Parameter-Efficient Tuning',
    venue: 'ICCV 2023',
    url: 'https://arxiv.org/abs/2303.10070',
  },
  options,
  accepts: { moreImages: true },
  pilot,

  create({ backbone, options, rng }) {
    const { width } = backbone
    const asPilot = options.compat === 'pilot'
    const online = network({ backbone, tuning: tuningOf(options, rng.fork('online')) })
    const offline = online.copy()
    offline.freeze()
    const head = linearHead({ width, rng })

    const expertsOf = (features: Tensor2D) => split(features, 2, 1) as [Tensor2D, Tensor2D]
    const sureness = (features: Tensor2D): Tensor2D => softmax(head.apply(features))

    return defineLearner(
      { online, offline, head },
      {
        async learn(task, context) {
          head.grow(task.classesAfter)
          const freezes = asPilot || task.index > 0 ? options.freezeEpochs : 0
          await train({
            parts: [head, online],
            recipe: options,
            on: task.train,
            context,
            loss: ({ images, labels }, step) =>
              classesCrossEntropy(head.apply(online.features(images, step)), labels, task.classes),
            // Without a gradient a parameter stays as it is, and its moments with it.
            adjust: (gradients, { epoch }) => (epoch < freezes ? ofHead(gradients) : gradients),
            afterStep: () => followWithDecay(offline.variables(), online.variables(), options.decay),
          })
          // Only from the second task on is there something to remember slowly.
          if (task.index === 0 && !asPilot) offline.restore(online.variables(), { frozen: true })
        },
        extractor: sideBySide([online.extractor, offline.extractor]),
        readings: {
          ensemble(features) {
            const [fast, slow] = expertsOf(features)
            return maximum(sureness(fast), sureness(slow))
          },
          online: (features) => head.apply(expertsOf(features)[0]),
          offline: (features) => head.apply(expertsOf(features)[1]),
        },
      },
    )
  },
})

/** Of gradients by place among the parts, those of the head, which comes first. */
const ofHead = (gradients: NamedTensors): NamedTensors =>
  Object.fromEntries(Object.entries(gradients).filter(([name]) => name.startsWith('0.')))

function tuningOf(given: z.output<typeof options>, rng: Rng): TuningKind {
  const { blocks, length, bottleneck, rank } = given
  const kinds = {
    prefix: () => scaledPrefixes({ blocks, length, rng }),
    adapter: () => attentionAdapters({ blocks, bottleneck, rng }),
    lora: () => lora({ blocks, rank, rng }),
  }
  const kind = kinds[given.module]()
  const idle = given.compat === 'pilot' && given.module === 'adapter' && given.idleAdapters
  return idle ? { ...kind, attach: (backbone) => ({ ...kind.attach(backbone), tuning: () => ({}) }) } : kind
}
