import type { FeatureCache, Learner, LearnerState, Readings } from '@pilotjs/core'
import type { Tensor2D, Tensor4D, Variable } from '@tensorflow/tfjs-core'
import * as tf from '@tensorflow/tfjs-core'

const WIDTH = 48

/**
 * A linear softmax classifier on pixels, trained by plain gradient descent on shuffled batches: small enough for any
 * test, and sensitive to every random number it draws.
 */
export function tinyLearner({ epochs = 2, pause = () => Promise.resolve() } = {}): Learner {
  let weight: Variable = tf.tidy(() => tf.variable(tf.zeros([0, WIDTH])))
  const logits = (images: Tensor4D, w: tf.Tensor) =>
    tf.matMul(tf.reshape(images, [-1, WIDTH]), w as Tensor2D, false, true) as Tensor2D
  const replace = (values: tf.Tensor) => {
    weight.dispose()
    weight = tf.variable(values)
    values.dispose()
  }
  return {
    async learn(task, context) {
      const added = task.classesAfter - weight.shape[0]!
      replace(
        tf.tidy(() => {
          const rows = tf.tensor2d(context.rng.normals(added * WIDTH, 0, 0.1), [added, WIDTH])
          return tf.concat([weight, rows], 0)
        }),
      )
      const stepsPerEpoch = Math.ceil(task.train.length / 4)
      context.report({ kind: 'phase', phase: 'train', epochs, stepsPerEpoch, trainableParameters: weight.size })
      for (let epoch = 0; epoch < epochs; epoch++) {
        let step = 0
        for await (const batch of task.train.batches({ size: 4, view: 'train', shuffle: context.rng, epoch })) {
          context.signal.throwIfAborted()
          const loss = tf.tidy(() => {
            const probabilities = tf.softmax(logits(batch.images, weight))
            const wrong = tf.sub(probabilities, tf.oneHot(batch.labels, task.classesAfter)) as Tensor2D
            const pixels = tf.reshape(batch.images, [-1, WIDTH]) as Tensor2D
            weight.assign(tf.sub(weight, tf.mul(tf.matMul(wrong, pixels, true), 0.05)))
            return tf.mean(tf.square(wrong)).dataSync()[0]!
          })
          batch.dispose()
          context.report({
            kind: 'step',
            phase: 'train',
            epoch,
            epochs,
            step: step++,
            stepsPerEpoch,
            loss,
            learningRate: 0.05,
          })
          await pause()
        }
      }
    },
    extractor: { width: WIDTH, apply: (images) => tf.reshape(images, [-1, WIDTH]) as Tensor2D },
    readings: { head: (pixels) => tf.matMul(pixels, weight as unknown as Tensor2D, false, true) },
    score: (images) => tf.tidy(() => logits(images, weight)),
    state: (): LearnerState => ({ tensors: { 'fc.weight': weight }, json: { note: 'tiny' } }),
    restore: ({ tensors }) => replace(tf.clone(tensors['fc.weight']!)),
    dispose: () => weight.dispose(),
  }
}

/** Nearest class mean on frozen pixels, with two readings: what a frozen method looks like to the protocol. */
export function frozenLearner(): Learner & { readonly seen: { images: number } } {
  const means: Tensor2D[] = []
  const seen = { images: 0 }
  const extractor = {
    id: () => Promise.resolve('pixels'),
    width: WIDTH,
    apply(images: Tensor4D) {
      seen.images += images.shape[0]
      return tf.reshape(images, [-1, WIDTH]) as Tensor2D
    },
  }
  const toMeans = (features: Tensor2D) =>
    tf.tidy(() => {
      const all = tf.concat(means, 0)
      return tf.neg(tf.sum(tf.squaredDifference(tf.expandDims(features, 1), tf.expandDims(all, 0)), 2)) as Tensor2D
    })
  const readings: Readings = { head: (features) => tf.neg(toMeans(features)), nearestMean: toMeans }
  return {
    seen,
    extractor,
    readings,
    async learn(task, context) {
      const features = await context.features.extract(task.train, extractor)
      const { labels } = task.train
      for (const c of task.classes)
        means.push(
          tf.tidy(() => {
            const rows = [...labels.keys()].filter((position) => labels[position] === c)
            return tf.mean(tf.gather(features, rows), 0, true) as Tensor2D
          }),
        )
      features.dispose()
    },
    score: (images) => tf.tidy(() => readings.head!(extractor.apply(images))),
    state: () => ({ tensors: Object.fromEntries(means.map((mean, c) => [`mean.${c}`, mean])), json: {} }),
    restore: ({ tensors }) => {
      for (const mean of Object.values(tensors)) means.push(tf.clone(mean) as Tensor2D)
    },
    dispose: () => tf.dispose(means),
  }
}

/** Extracts anew every time, and counts. */
export function uncachedFeatures(): FeatureCache {
  const stats = { computed: 0, reused: 0 }
  return {
    stats,
    async extract(images, extractor, { batchSize = 64 } = {}) {
      const parts: Tensor2D[] = []
      for await (const batch of images.batches({ size: batchSize, view: 'eval' })) {
        parts.push(tf.tidy(() => extractor.apply(batch.images)))
        stats.computed += batch.positions.length
        batch.dispose()
      }
      const all = parts.length ? tf.tidy(() => tf.concat(parts, 0)) : tf.zeros<tf.Rank.R2>([0, extractor.width])
      tf.dispose(parts)
      return all
    },
  }
}
