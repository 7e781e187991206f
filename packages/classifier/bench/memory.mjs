// Memory while a classifier is taught 10,000 images and names 100,000, on a tiny transformer (what grows does not depend on the
// backbone, and this one takes minutes for hours). Prints JSON lines; the last says by how much it grew.
//     node --expose-gc packages/classifier/bench/memory.mjs [taught, default 10000] [predicted, default 100000]
import { createClassifier } from '@pilotjs/classifier'
import { createVit, initVit } from '@pilotjs/core/backbones'
import { selectEngine } from '@pilotjs/core/node'
import { createRng } from '@pilotjs/core/random'
import * as tf from '@tensorflow/tfjs-core'

const [taught = 10_000, predicted = 100_000] = process.argv.slice(2).map(Number)
await selectEngine('auto')
const config = { imageSize: 32, patchSize: 8, width: 64, depth: 2, heads: 2 }
const backbone = createVit(config, initVit(config, createRng(1)))
const classifier = await createClassifier({ backbone })

/** An image of noise around a colour of its class. */
function image(label) {
  const data = new Uint8Array(32 * 32 * 3)
  for (let i = 0; i < data.length; i++) data[i] = ((label * 37 + (i % 3) * 71) % 200) + Math.random() * 55
  return { width: 32, height: 32, data }
}
const images = (label, count) => Array.from({ length: count }, () => image(label))

function memory(what, count) {
  globalThis.gc?.()
  const { rss, heapUsed, external, arrayBuffers } = process.memoryUsage()
  const megabytes = (bytes) => Math.round(bytes / 1e5) / 10
  const row = {
    what,
    images: count,
    'rss MB': megabytes(rss),
    'heap MB': megabytes(heapUsed),
    'external MB': megabytes(external + arrayBuffers),
    tensors: tf.memory().numTensors,
  }
  console.log(JSON.stringify(row))
  return row
}

const rows = []
for (let done = 0; done < taught; done += 500) {
  const labels = Array.from({ length: 10 }, (_, i) => (done / 50 + i) % 20)
  await classifier.learn(Object.fromEntries(labels.map((label) => [`class ${label}`, images(label, 50)])))
  if (done % 2500 === 2000) rows.push(memory('taught', done + 500))
}
for (let done = 0; done < predicted; done += 1000) {
  await classifier.predict(images(done % 20, 1000), { top: 1 })
  if (done % 20_000 === 19_000) rows.push(memory('predicted', done + 1000))
}
const grown = (what) => {
  const own = rows.filter((row) => row.what === what)
  return own.length < 2 ? 0 : own.at(-1)['rss MB'] - own[0]['rss MB']
}
console.log(JSON.stringify({ what: 'grown, MB', taught: grown('taught'), predicted: grown('predicted') }))
