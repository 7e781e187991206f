import { network, type FeatureExtractor, type LabeledImages } from '@pilotjs/core'
import { memoryFeatureCache } from '@pilotjs/core/features'
import { linearHead } from '@pilotjs/core/heads'
import { crossEntropy } from '@pilotjs/core/ops'
import { createRng } from '@pilotjs/core/random'
import { train } from '@pilotjs/core/training'
import { classIncremental, transformsFor } from '@pilotjs/data'
import { loadIcons100 } from '@pilotjs/icons-100'
import { loadVitIcons } from '@pilotjs/vit-icons'
import { median, time, type Row } from '../measure'

const size = 64

/** What a run is made of, each alone: decoding and augmenting, a forward call, a training step of the whole backbone. */
export async function steps(): Promise<Row[]> {
  const backbone = await loadVitIcons()
  const transforms = transformsFor(backbone.preprocessing)
  const stream = classIncremental(await loadIcons100(), { increment: 10, transforms })
  const images = stream.tasks[0]!.train.select(Array.from({ length: 8 * size }, (_, i) => i))
  const row = (name: string, milliseconds: readonly number[]): Row => {
    const perImage = median(milliseconds) / images.length
    return { step: name, 'ms/image': perImage, 'images/s': 1000 / perImage }
  }

  const walk = (view: 'train' | 'eval') => async () => {
    for await (const batch of images.batches({ size, view })) batch.dispose()
  }
  const rows = [row('decode + augment', await time(walk('train'))), row('decode', await time(walk('eval')))]

  const extract = async () => {
    const extractor: FeatureExtractor = { width: backbone.width, apply: (batch) => backbone.features(batch) }
    const features = await memoryFeatureCache().extract(images, extractor, { batchSize: size })
    await features.data()
    features.dispose()
  }
  rows.push(row('forward', await time(extract)), row('training step', await trainingSteps(images, backbone)))
  backbone.dispose()
  return rows
}

async function trainingSteps(images: LabeledImages, backbone: Awaited<ReturnType<typeof loadVitIcons>>) {
  const net = network({ backbone, weights: backbone.parameters })
  const head = linearHead({ width: backbone.width, rng: createRng(1) })
  head.grow(10)
  const milliseconds = await time(() =>
    train({
      parts: [net, head],
      recipe: { epochs: 1, batchSize: size, learningRate: 0.001 },
      on: images,
      loss: (batch, step) => crossEntropy(head.apply(net.features(batch.images, step)), batch.labels),
    }),
  )
  net.dispose()
  head.dispose()
  return milliseconds
}
