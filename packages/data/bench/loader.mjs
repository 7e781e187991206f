// Images per second of decoding and augmenting alone. After a build: node bench/loader.mjs [images]. Prints a table and JSON;
// `cpuMilliseconds` is what an image costs over all threads, and holds on a busy machine too.
import '@tensorflow/tfjs-backend-cpu'
import { ready } from '@tensorflow/tfjs-core'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import { performance } from 'node:perf_hooks'
import process from 'node:process'
import sharp from 'sharp'
import { inMemoryDataset, labeledImages, pilotTransforms, smallImageTransforms } from '../dist/index.js'
import { imageFolder, workerLoader } from '../dist/node.js'

const count = Number(process.argv[2] ?? 256)
const preprocessing = (side) => ({
  inputSize: [side, side],
  mean: [0.5, 0.5, 0.5],
  std: [0.5, 0.5, 0.5],
  interpolation: 'bicubic',
  cropFraction: 0.9,
})

/** Photographs of ImageNet's usual size: smooth noise, so that they compress as photographs do. */
async function photographs(folder) {
  for (const split of ['train', 'test']) {
    mkdirSync(join(folder, split, 'a'), { recursive: true })
    for (let i = 0; i < (split === 'train' ? count : 1); i++) {
      const noise = Uint8Array.from({ length: 60 * 45 * 3 }, (_, p) => (Math.imul(p + 1, 2654435761 + i) >>> 24) & 255)
      const image = sharp(noise, { raw: { width: 60, height: 45, channels: 3 } }).resize(500, 375, { kernel: 'cubic' })
      writeFileSync(join(folder, split, 'a', `${i}.jpg`), await image.jpeg({ quality: 90 }).toBuffer())
    }
  }
  return imageFolder(folder)
}

function pixels(side, length) {
  const images = { pixels: new Uint8Array(length * side * side * 3).map((_, i) => i * 7), height: side, width: side }
  const labels = new Array(length).fill(0)
  return inMemoryDataset({
    name: `${side} px`,
    classNames: ['a'],
    train: { ...images, labels },
    test: { ...images, labels },
  })
}

async function measure(name, dataset, transforms, view, workers) {
  const loader = workerLoader({ workers })
  const { train } = dataset
  const images = labeledImages(train, Array.from(train.labels.keys()), train.labels, { transforms, loader })
  const epoch = async (epoch) => {
    for await (const batch of images.batches({ size: 32, view, epoch })) batch.dispose()
  }
  await epoch(0)
  const start = performance.now()
  const before = process.cpuUsage()
  await epoch(1)
  await epoch(2)
  const perSecond = Math.round((2 * train.length) / ((performance.now() - start) / 1000))
  const { user, system } = process.cpuUsage(before)
  const cpuMilliseconds = Number(((user + system) / 1000 / (2 * train.length)).toFixed(3))
  await loader.close()
  return { name, view, workers, perSecond, cpuMilliseconds }
}

await ready()
const folder = mkdtempSync(join(tmpdir(), 'pilotjs-bench-'))
try {
  const photos = await photographs(folder)
  const large = pilotTransforms({ preprocessing: preprocessing(224) })
  const small = smallImageTransforms({ preprocessing: preprocessing(32) })
  const counts = [...new Set([0, 1, availableParallelism()])]
  const rows = []
  for (const view of ['train', 'eval']) {
    for (const workers of counts) rows.push(await measure('JPEG 500x375 to 224', photos, large, view, workers))
    for (const workers of counts) rows.push(await measure('CIFAR 32 to 224', pixels(32, count), large, view, workers))
    rows.push(await measure('icons 32', pixels(32, 20 * count), small, view, 0))
  }
  console.table(rows)
  console.log(JSON.stringify({ cores: availableParallelism(), rows }))
} finally {
  rmSync(folder, { recursive: true, force: true })
}
