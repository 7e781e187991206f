import { network } from '@pilotjs/core'
import { createResnet, createVit, initResnet, initVit } from '@pilotjs/core/backbones'
import { linearHead } from '@pilotjs/core/heads'
import { crossEntropy } from '@pilotjs/core/ops'
import { createRng } from '@pilotjs/core/random'
import { train } from '@pilotjs/core/training'
import type { Batch } from '@pilotjs/core'
import type { ResnetConfig, VitConfig } from '@pilotjs/core/backbones'
import type { Part } from '@pilotjs/core/parts'
import type { TrainStep } from '@pilotjs/core/training'
import { adapters } from '@pilotjs/peft'
import * as tf from '@tensorflow/tfjs-core'
import type { Scalar, Tensor4D } from '@tensorflow/tfjs-core'

/** Something every engine does alike, from the same seeds. */
export interface Workload {
  readonly row: string
  readonly batch: number
  /** Builds it on the current engine. */
  build(): Running
}

export interface Running {
  /** Goes on for so many steps; `done` is told of each as its result is read: features, or a loss. */
  run(steps: number, done: (result: Float32Array) => void): Promise<void>
  /** Samples of what all the steps have changed. */
  changed(): Promise<Float32Array>
}

const classes = 10
const vitB: VitConfig = { imageSize: 224, patchSize: 16, width: 768, depth: 12, heads: 12 }
const vitTiny: VitConfig = { imageSize: 224, patchSize: 16, width: 192, depth: 12, heads: 3 }
const vitSmallImages: VitConfig = { imageSize: 32, patchSize: 4, width: 192, depth: 6, heads: 3 }
const resnet18: ResnetConfig = { layout: 'imagenet', blocks: [2, 2, 2, 2], imageSize: 32 }

const imagesOf = (size: number, batch: number) =>
  tf.tensor4d(createRng(1).normals(batch * size * size * 3, 0, 1), [batch, size, size, 3])

function forward(name: string, config: VitConfig, batch: number): Workload {
  return {
    row: `${name}, forward`,
    batch,
    build() {
      const backbone = createVit(config, initVit(config, createRng(2)))
      const images = imagesOf(config.imageSize, batch)
      return {
        async run(steps, done) {
          for (let i = 0; i < steps; i++) {
            const features = backbone.features(images)
            done((await features.data()) as Float32Array)
            features.dispose()
          }
        },
        changed: () => Promise.resolve(new Float32Array(0)),
      }
    },
  }
}

/** Adam on `parameters`, by the toolbox's own training loop, on one batch again and again. */
function training(parts: readonly Part[], images: Tensor4D, loss: (batch: Batch, step: TrainStep) => Scalar): Running {
  const labels = labelsOf(images.shape[0])
  async function* batches(steps: number): AsyncGenerator<Batch> {
    for (let i = 0; i < steps; i++) {
      const own = { images: images.clone(), labels: labels.clone(), positions: new Int32Array(images.shape[0]) }
      yield await Promise.resolve({ ...own, dispose: () => tf.dispose([own.images, own.labels]) })
    }
  }
  return {
    run: (steps, done) =>
      train({
        parts,
        recipe: { epochs: 1, batchSize: images.shape[0], optimizer: 'adam', learningRate: 1e-3 },
        on: { stepsPerEpoch: steps, batches: () => batches(steps) },
        loss,
        context: {
          rng: createRng(5),
          signal: new AbortController().signal,
          report: (event) => {
            if (event.kind === 'step') done(Float32Array.of(event.loss))
          },
        },
      }),
    async changed() {
      const trained = parts.flatMap((part) => Object.values(part.variables()))
      const values = await Promise.all(trained.map((variable) => variable.data()))
      return Float32Array.from(values.flatMap((each) => samples(each as Float32Array)))
    },
  }
}

/** Up to 100 of a tensor's numbers, evenly spaced. */
function samples(values: Float32Array): number[] {
  const stride = Math.ceil(values.length / 100)
  return [...values.filter((_, i) => i % stride === 0)]
}

const labelsOf = (batch: number) =>
  tf.tensor1d(
    Array.from({ length: batch }, (_, i) => i % classes),
    'int32',
  )

function adapterStep(name: string, config: VitConfig, batch: number): Workload {
  return {
    row: `${name}, adapter training step`,
    batch,
    build() {
      const backbone = createVit(config, initVit(config, createRng(2)))
      const net = network({ backbone, tuning: adapters({ bottleneck: 64, rng: createRng(3) }) })
      const head = linearHead({ width: net.width, rng: createRng(4) })
      head.grow(classes)
      return training([net, head], imagesOf(config.imageSize, batch), ({ images, labels }, step) =>
        crossEntropy(head.apply(net.features(images, step)), labels),
      )
    },
  }
}

function resnetStep(batch: number): Workload {
  return {
    row: 'ResNet-18, 32 px, training step',
    batch,
    build() {
      const weights = initResnet(resnet18, createRng(2))
      const backbone = createResnet(resnet18, weights)
      const net = network({ backbone, weights: backbone.parameters })
      const head = linearHead({ width: backbone.width, rng: createRng(4) })
      head.grow(classes)
      return training([net, head], imagesOf(32, batch), ({ images, labels }, step) =>
        crossEntropy(head.apply(net.features(images, step)), labels),
      )
    },
  }
}

/** What the table in the engine's README is made of. */
export const workloads: readonly Workload[] = [
  forward('ViT-B/16, 224 px', vitB, 4),
  adapterStep('ViT-B/16, 224 px', vitB, 8),
  forward('ViT-tiny/16, 224 px', vitTiny, 8),
  adapterStep('ViT-tiny/16, 224 px', vitTiny, 16),
  forward('ViT 192 × 6, 32 px', vitSmallImages, 64),
  adapterStep('ViT 192 × 6, 32 px', vitSmallImages, 64),
  resnetStep(64),
]
