import { createContext, network } from '@pilotjs/core'
import { selectEngine } from '@pilotjs/core/node'
import { createVit, initVit } from '@pilotjs/core/backbones'
import { cosineHead, linearHead } from '@pilotjs/core/heads'
import { crossEntropy } from '@pilotjs/core/ops'
import { createRng } from '@pilotjs/core/random'
import type { Batch, Task, TransformerBackbone } from '@pilotjs/core'
import type { Recipe } from '@pilotjs/core/training'
import { classIncremental, inMemoryDataset, transformsFor } from '@pilotjs/data'
import * as tf from '@tensorflow/tfjs-core'

// What programs in READMEs take for granted: things of the right kind under the names they use, small enough to run in a moment.
export * from '@pilotjs/core'
export * from '@pilotjs/core/backbones'
export * from '@pilotjs/core/features'
export * from '@pilotjs/core/files'
export * from '@pilotjs/core/heads'
export * from '@pilotjs/core/images'
export * from '@pilotjs/core/names'
export * from '@pilotjs/core/ops'
export * from '@pilotjs/core/parameters'
export * from '@pilotjs/core/parts'
export * from '@pilotjs/core/pilot-config'
export * from '@pilotjs/core/random'
export * from '@pilotjs/core/safetensors'
export * from '@pilotjs/core/training'
export { adapters } from '@pilotjs/peft'
export { loadVitIcons } from '@pilotjs/vit-icons'
export { loadEfficientNetLite0 } from '@pilotjs/efficientnet-lite0'
export { evaluate, summarize } from '@pilotjs/eval'
export { writeFile } from 'node:fs/promises'
export * as z from 'zod'

// An engine is one of them: whoever shows a part of a program has chosen one before.
await selectEngine('auto')

export const rng = createRng(1993)
const side = 8
const shape = { imageSize: side, patchSize: 4, width: 16, depth: 6, heads: 2 }
export const backbone: TransformerBackbone = createVit(shape, initVit(shape, rng), { fingerprint: 'small' })

const classes = 4
const pictures = (perClass: number, seed: number) => {
  const labels = Array.from({ length: perClass * classes }, (_, i) => i % classes)
  const noise = createRng(seed)
  const pixels = Uint8Array.from(
    labels.flatMap((label) =>
      Array.from({ length: side * side * 3 }, (_, i) => 60 * label + 20 * (i % 3) + noise.int(20)),
    ),
  )
  return { pixels, height: side, width: side, labels }
}
export const stream = classIncremental(
  inMemoryDataset({
    name: 'stripes',
    classNames: ['a', 'b', 'c', 'd'],
    train: pictures(8, 1),
    test: pictures(4, 2),
  }),
  { increment: 2, transforms: transformsFor(backbone.preprocessing) },
)
export const { plan } = stream
export const task: Task = stream.tasks[0]!
export const context = createContext({ seed: 1993, recall: stream.recall })(task)
export const images = tf.randomNormal<tf.Rank.R4>([2, side, side, 3], 0, 1, 'float32', 7)

export const net = network({ backbone, weights: backbone.parameters })
export const { extractor } = network({ backbone })
export const head = linearHead({ width: backbone.width, rng })
head.grow(classes)
export const probe = cosineHead({ width: backbone.width, rng })
export const recipe: Recipe = { epochs: 1, batchSize: 8, learningRate: 0.01 }
export const loss = (batch: Batch) => crossEntropy(head.apply(net.features(batch.images)), batch.labels)
export const paper = { title: 'A paper', venue: 'Nowhere 2026', url: 'https://example.org' }

const spread = createRng(3).normals(9, 0, 1)
/** A symmetric positive definite matrix, and right-hand sides. */
export const a = tf.tidy(() => {
  const half = tf.tensor2d(spread, [3, 3])
  return tf.add(tf.matMul(half, half, false, true), tf.eye(3)) as tf.Tensor2D
})
export const b = tf.ones<tf.Rank.R2>([3, 2])
export const c = tf.ones<tf.Rank.R2>([3, 1])
export const bytes = new Uint8Array()
export const url = 'https://example.org/file'
