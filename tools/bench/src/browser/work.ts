import { createContext } from '@pilotjs/core'
import type { TransformerBackbone } from '@pilotjs/core'
import { createVit, initVit } from '@pilotjs/core/backbones'
import { arrayImages } from '@pilotjs/core/images'
import { createRng } from '@pilotjs/core/random'
import { imagesToTensor, transformsFor } from '@pilotjs/data'
import { l2p } from '@pilotjs/l2p'

// What is timed, in pages and in Node alike. Weights are random: they cost what trained ones do.

/** Images of a forward pass, and of a training step. */
const batch = 16
/** How many steps of L2P a round takes. */
const steps = 6
/** Images whose features are extracted at once, as transformers.js is given them. */
export const images = 4

const preprocessing = { mean: [0.5, 0.5, 0.5], std: [0.5, 0.5, 0.5] } as const

const sizes = {
  'vit-32': { imageSize: 32, patchSize: 4, width: 128, depth: 6, heads: 4 },
  'vit-224': { imageSize: 224, patchSize: 16, width: 192, depth: 12, heads: 3 },
} as const
export type Size = keyof typeof sizes

const backbones = new Map<Size, TransformerBackbone>()
function backboneOf(size: Size): TransformerBackbone {
  const known = backbones.get(size)
  if (known) return known
  const shape = sizes[size]
  const made = createVit(shape, initVit(shape, createRng(1)), { fingerprint: size, preprocessing })
  backbones.set(size, made)
  return made
}

/** Pixels without pattern, RGB. */
export function noise(side: number, count: number): Uint8Array {
  const rng = createRng(7)
  return Uint8Array.from({ length: count * side * side * 3 }, () => rng.int(256))
}

const labels = Array.from({ length: batch * steps }, (_, i) => i % 10)
const task = {
  index: 0,
  classes: Array.from({ length: 10 }, (_, i) => i),
  classesBefore: 0,
  classesAfter: 10,
  train: arrayImages({
    values: Float32Array.from(noise(32, labels.length), (value) => value / 127.5 - 1),
    size: [32, 32],
    labels,
    name: 'noise',
  }),
}

async function features(size: Size): Promise<void> {
  const backbone = backboneOf(size)
  const { imageSize: side } = sizes[size]
  const pixels = noise(side, images)
  const each = side * side * 3
  const loose = Array.from({ length: images }, (_, i) => ({
    width: side,
    height: side,
    data: pixels.subarray(i * each, (i + 1) * each),
  }))
  const batched = imagesToTensor(loose, transformsFor(backbone.preprocessing))
  const result = backbone.features(batched)
  await result.data()
  result.dispose()
  batched.dispose()
}

/** Rounds of work by name; each says how many images, or steps, it takes. */
const works = {
  /** Features of a batch. */
  forward: {
    count: batch,
    async run() {
      const few = task.train.select(Array.from({ length: batch }, (_, i) => i))
      for await (const { images: given, dispose } of few.batches({ size: batch, view: 'eval' })) {
        const result = backboneOf('vit-32').features(given)
        await result.data()
        result.dispose()
        dispose()
      }
    },
  },
  /** Whole steps of L2P: the query, prompts, gradients, Adam. */
  l2p: {
    count: steps,
    async run() {
      const learner = l2p({ epochs: 1, batchSize: batch }).create({ backbone: backboneOf('vit-32'), seed: 1 })
      await learner.learn(task, createContext({ seed: 1 })(task))
      learner.dispose()
    },
  },
  'features of vit-32': { count: images, run: () => features('vit-32') },
  'features of vit-224': { count: images, run: () => features('vit-224') },
} as const
export type WorkName = keyof typeof works

/** One round, and how many images or steps it took. */
export async function runWork(name: WorkName): Promise<number> {
  await works[name].run()
  return works[name].count
}
