// What somebody who installs the packages writes: a backbone, a stream, a method, the measures. Prints one line of JSON.
import '@tensorflow/tfjs-backend-cpu'
import { createVit, initVit } from '@pilotjs/core/backbones'
import { memoryFeatureCache } from '@pilotjs/core/features'
import { createRng } from '@pilotjs/core/random'
import { gradientsOf } from '@pilotjs/core/training'
import { selectEngine } from '@pilotjs/core/node'
import { classIncremental, inMemoryDataset, transformsFor } from '@pilotjs/data'
import { evaluate, summarize } from '@pilotjs/eval'
import simplecil from '@pilotjs/simplecil'
import * as tf from '@tensorflow/tfjs-core'

await selectEngine('cpu')
const rng = createRng(1993)
const config = { imageSize: 8, patchSize: 4, width: 16, depth: 1, heads: 2 }
const backbone = createVit(config, initVit(config, rng), { name: 'tiny' })

// Six flat colours, a little noisy.
const colours = [[230, 30, 30], [30, 230, 30], [30, 30, 230], [230, 230, 30], [230, 30, 230], [30, 230, 230]]
const images = (perClass) => {
  const labels = colours.flatMap((_, label) => Array(perClass).fill(label))
  const pixels = Uint8Array.from(
    labels.flatMap((label) => Array.from({ length: 8 * 8 * 3 }, (_, p) => colours[label][p % 3] + rng.int(20) - 10)),
  )
  return { pixels, height: 8, width: 8, labels }
}
const classNames = ['red', 'green', 'blue', 'yellow', 'magenta', 'cyan']
const dataset = inMemoryDataset({ name: 'colours', classNames, train: images(6), test: images(4) })
const stream = classIncremental(dataset, { increment: 2, transforms: transformsFor(backbone.preprocessing) })

const learner = simplecil().create({ backbone, seed: 1993, plan: stream.plan })
const records = await evaluate({ learner, stream, seed: 1993, features: memoryFeatureCache() })

// Gradients come with core, in Node too.
const w = tf.variable(tf.tensor1d([3]))
const { gradients } = gradientsOf(() => tf.sum(tf.square(w)), { w })
const [slope] = gradients.w.dataSync()

console.log(JSON.stringify({ seen: records.at(-1).classesAfter, last: summarize(records).lastAccuracy, slope }))
