import type { Backbone, Learner, Method } from '@pilotjs/core'
import { createVit, initVit } from '@pilotjs/core/backbones'
import { memoryFeatureCache } from '@pilotjs/core/features'
import { createRng } from '@pilotjs/core/random'
import { classIncremental, inMemoryDataset, type Dataset, type Stream } from '@pilotjs/data'
import { evaluate } from '@pilotjs/eval'
import * as tf from '@tensorflow/tfjs-core'
import { median, type Row } from '../measure'

/** What a task cost, and what is kept after it. */
export interface TaskGrowth {
  /** CPU milliseconds of all threads. */
  readonly learn: number
  /** CPU milliseconds for each test image of all tasks so far. */
  readonly scorePerImage: number
  readonly residentBytes: number
  /** Numbers that the learner's state holds, by part. */
  readonly numbers: Readonly<Record<string, number>>
}

/** What a method's run over many tasks came to. */
export interface Growth {
  readonly name: string
  readonly tasks: readonly TaskGrowth[]
}

interface Shape {
  readonly tasks: number
  readonly classesPerTask: number
  readonly imagesPerClass: number
}

const cpuMs = () => {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1000
}

/** Numbers in a learner's state, by the part that keeps them. */
function numbersOf(learner: Learner): Record<string, number> {
  const numbers: Record<string, number> = {}
  for (const [name, { size }] of Object.entries(learner.state().tensors)) {
    const [part = ''] = name.split('.')
    numbers[part] = (numbers[part] ?? 0) + size
  }
  return numbers
}

/** Images of noise around one of a class, `height` × `width` pixels. */
function noisyClasses({ tasks, classesPerTask, imagesPerClass }: Shape, height: number, width: number): Dataset {
  const classes = tasks * classesPerTask
  const rng = createRng(1)
  const size = height * width * 3
  const centres = rng.uniforms(classes * size, 60, 196)
  const images = (perClass: number) => {
    const noise = rng.normals(classes * perClass * size, 0, 30)
    const pixels = Uint8Array.from(noise, (value, i) => {
      const label = Math.floor(i / size) % classes
      return Math.min(255, Math.max(0, Math.round(centres[label * size + (i % size)]! + value)))
    })
    return { pixels, height, width, labels: Array.from({ length: classes * perClass }, (_, i) => i % classes) }
  }
  return inMemoryDataset({
    name: 'noise',
    classNames: Array.from({ length: classes }, (_, i) => `class ${i}`),
    train: images(imagesPerClass),
    test: images(1),
  })
}

const plain = { train: [], eval: [], mean: [0.5, 0.5, 0.5], std: [0.5, 0.5, 0.5] } as const

/** A backbone whose features are the pixels: what methods keep and compute of them is all that is measured. */
function pixelBackbone(width: number): Backbone {
  return {
    name: 'pixels',
    architecture: 'pixels',
    width,
    preprocessing: { ...plain, inputSize: [1, width / 3], interpolation: 'bilinear', cropFraction: 1 },
    fingerprint: () => Promise.resolve(`pixels of ${width}`),
    parameters: {},
    features: (images) => tf.reshape(images, [images.shape[0], width]),
    dispose: () => undefined,
  }
}

async function grow(name: string, learner: Learner, stream: Stream): Promise<Growth> {
  const features = memoryFeatureCache()
  const tasks: TaskGrowth[] = []
  let began = cpuMs()
  let learned = 0
  try {
    await evaluate({
      learner,
      stream,
      seed: 1993,
      features,
      residentMemory: () => process.memoryUsage.rss(),
      onEvent(event) {
        if (event.kind === 'task') began = cpuMs()
        if (event.kind === 'learning') learned = cpuMs()
      },
      afterTask({ record, cost }) {
        tasks.push({
          learn: learned - began,
          scorePerImage: (cpuMs() - learned) / record.testImages,
          residentBytes: cost.rssBytes ?? 0,
          numbers: numbersOf(learner),
        })
      },
    })
  } finally {
    learner.dispose()
  }
  return { name, tasks }
}

/** Options by which a method neither trains nor takes longer than what is measured. */
export const frozenMethods: Readonly<Record<string, object>> = {
  simplecil: {},
  knn: {},
  fecam: { tuning: 'none' },
  ranpac: { tuning: 'none', projectionSize: 500 },
}

const methodOf = async (name: string) => ((await import(`@pilotjs/${name}`)) as { default: Method }).default

/** Methods that train nothing, on features of 192 numbers that are theirs from the start. */
export async function frozenGrowth(shape: Shape, names = Object.keys(frozenMethods)): Promise<Growth[]> {
  const width = 192
  const backbone = pixelBackbone(width)
  const dataset = noisyClasses(shape, 1, width / 3)
  const found: Growth[] = []
  for (const name of names) {
    const stream = classIncremental(dataset, { increment: shape.classesPerTask, transforms: plain })
    const learner = (await methodOf(name))(frozenMethods[name]).create({ backbone, seed: 1993, plan: stream.plan })
    found.push(await grow(name, learner, stream))
  }
  return found
}

/** Those whose papers add something with every task, trained for an epoch. */
export const growingMethods = {
  der: { epochs: 1, baseEpochs: 1 },
  memo: { epochs: 1, baseEpochs: 1 },
  ease: { epochs: 1, bottleneck: 16 },
  mos: { epochs: 1, bottleneck: 16, alignEpochs: 1 },
} as const

export const smallVit = { imageSize: 32, patchSize: 8, width: 48, depth: 2, heads: 3 }

/** Methods that grow, with a small transformer. */
export async function growingGrowth(shape: Shape, names = Object.keys(growingMethods)): Promise<Growth[]> {
  const backbone = createVit(smallVit, initVit(smallVit, createRng(1)), { name: 'small', fingerprint: 'small' })
  const dataset = noisyClasses(shape, smallVit.imageSize, smallVit.imageSize)
  const found: Growth[] = []
  for (const name of names) {
    const options = growingMethods[name as keyof typeof growingMethods]
    const stream = classIncremental(dataset, { increment: shape.classesPerTask, transforms: plain })
    const learner = (await methodOf(name))(options).create({ backbone, seed: 1993, plan: stream.plan })
    found.push(await grow(name, learner, stream))
  }
  backbone.dispose()
  return found
}

/** The first tasks that count (the very first builds programs) beside the last ones. */
export function growthRow({ name, tasks }: Growth): Row {
  const some = Math.max(1, Math.min(10, Math.floor((tasks.length - 1) / 2)))
  const [early, late] = [tasks.slice(1, 1 + some), tasks.slice(-some)]
  const middle = (of: readonly TaskGrowth[], read: (task: TaskGrowth) => number) => median(of.map(read))
  const total = ({ numbers }: TaskGrowth) => Object.values(numbers).reduce((sum, count) => sum + count, 0)
  const megabytes = (bytes: number) => bytes / 2 ** 20
  return {
    method: name,
    tasks: tasks.length,
    'learn, CPU ms, early': middle(early, ({ learn }) => learn),
    'learn, late': middle(late, ({ learn }) => learn),
    'score an image, CPU ms, early': middle(early, ({ scorePerImage }) => scorePerImage),
    'score, late': middle(late, ({ scorePerImage }) => scorePerImage),
    'RSS MB, early': megabytes(middle(early, ({ residentBytes }) => residentBytes)),
    'RSS MB, late': megabytes(middle(late, ({ residentBytes }) => residentBytes)),
    'state MB, first task': megabytes(4 * total(tasks[0]!)),
    'state MB, last': megabytes(4 * total(tasks.at(-1)!)),
    'state MB a task': megabytes((4 * (total(tasks.at(-1)!) - total(tasks[0]!))) / (tasks.length - 1)),
  }
}
