import type { FeatureCache, Learner, Readings } from '@pilotjs/core'
import type { Tensor2D, Tensor4D } from '@tensorflow/tfjs-core'
import * as tf from '@tensorflow/tfjs-core'

const WIDTH = 48

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
