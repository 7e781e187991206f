import { createVit, initVit } from '@pilotjs/core/backbones'
import { arrayImages } from '@pilotjs/core/images'
import { createRng } from '@pilotjs/core/random'
import type { LabeledImages, Task, TransformerBackbone } from '@pilotjs/core'
import * as tf from '@tensorflow/tfjs-core'

const size = 8

/** Images of 8 × 8 pixels whose pattern tells the class, with a little noise. @param name of this set: keys derive from it */
export function patternImages(labels: readonly number[], name: string): LabeledImages {
  const length = size * size * 3
  const values = new Float32Array(labels.length * length)
  labels.forEach((label, image) => {
    const pattern = createRng(100 + label).normals(length, 0, 1)
    const noise = createRng(7).fork(name, image).normals(length, 0, 0.3)
    for (let i = 0; i < length; i++) values[image * length + i] = pattern[i]! + noise[i]!
  })
  return arrayImages({ labels, name, size: [size, size], values })
}

/** A task of ten images a class. @param classesBefore default: as if every task had brought as many classes as this one */
export function patternTask(
  index: number,
  classes: readonly number[],
  classesBefore = index * classes.length,
  name = `task${index}`,
): Task {
  const labels = Array.from({ length: 10 * classes.length }, (_, i) => classes[i % classes.length]!)
  return {
    index,
    classes,
    classesBefore,
    classesAfter: Math.max(classesBefore, ...classes.map((label) => label + 1)),
    train: patternImages(labels, name),
  }
}

/** A tiny transformer whose features depend on the image: timm's initial weights hardly do, so linear ones are larger here. */
export function tinyBackbone(): TransformerBackbone {
  const config = { imageSize: size, patchSize: 4, width: 16, depth: 2, heads: 2 }
  const weights = Object.entries(initVit(config, createRng(1))).map(([name, tensor]) => {
    const linear = tensor.rank === 2 && name.endsWith('.weight')
    const scaled = tf.mul(tensor, linear ? 50 / Math.sqrt(tensor.shape[1]!) : 1)
    tensor.dispose()
    return [name, scaled] as const
  })
  return createVit(config, Object.fromEntries(weights), { fingerprint: 'tiny' })
}
