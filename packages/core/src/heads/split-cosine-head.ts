import * as tf from '@tensorflow/tfjs-core'
import type { Tensor2D, Tensor3D } from '@tensorflow/tfjs-core'
import { cosineSimilarity } from '../ops/cosine'
import { variableStore } from '../parameters/variables'
import { growWeight } from './grow-weight'
import type { CosineHeadOptions } from './cosine-head'
import type { Head } from './head'

export interface SplitCosineHeadOptions extends CosineHeadOptions {
  /** Rows per class; its score is their cosines' mean, weighted by their softmax. Default 1. */
  proxies?: number
}

/**
 * A cosine head in two halves (LUCIR, Hou et al., CVPR 2019): `NAME.fc1.weight` for the classes known before, which a
 * method may freeze, and `NAME.fc2.weight` for the new ones, with one σ. When it grows, both halves become the first.
 */
export function splitCosineHead(options: SplitCosineHeadOptions): Head {
  const { width, rng, name = 'fc', sigma = true, proxies = 1 } = options
  const [oldName, newName, sigmaName] = [`${name}.fc1.weight`, `${name}.fc2.weight`, `${name}.sigma`]
  const store = variableStore()
  const halves = () => [oldName, newName].filter(store.has).map((key) => store.get(key) as Tensor2D)
  const classesOf = (weights: Tensor2D[]) => weights.reduce((sum, half) => sum + half.shape[0], 0) / proxies

  return {
    width,
    get classes() {
      return classesOf(halves())
    },
    grow(classes, grow = {}) {
      const weights = halves()
      const known = classesOf(weights)
      if (grow.width !== undefined && grow.width !== width) {
        throw new Error(`Head '${name}' has a fixed width of ${width}, got width ${grow.width}`)
      }
      if (classes === known) return
      tf.tidy(() => {
        const added = growWeight({
          // By total and not by half, so that the halves draw different numbers.
          name: `${name}/${classes}`,
          old: undefined,
          classes: (classes - known) * proxies,
          width,
          rows: grow.rows ?? 'random',
          initialization: 'torch',
          rng: grow.rng ?? rng,
        })
        const joined = weights.length > 1 ? tf.concat(weights, 0) : weights[0]
        if (joined) store.set(oldName, joined)
        store.set(joined ? newName : oldName, added)
        if (sigma && !store.has(sigmaName)) store.set(sigmaName, tf.ones([1]))
      })
    },
    apply(features) {
      const similarity = halves().map((half) => cosineSimilarity(features, half))
      const cosines = byClass(similarity.length > 1 ? tf.concat(similarity, 1) : similarity[0]!, proxies)
      return sigma ? tf.mul(cosines, store.get(sigmaName)) : cosines
    },
    variables: store.all,
    restore: (tensors) => store.restore(tensors, (key) => [oldName, newName, sigmaName].includes(key)),
    dispose: store.dispose,
  }
}

/** [batch, classes · proxies] → [batch, classes] */
function byClass(similarity: Tensor2D, proxies: number): Tensor2D {
  if (proxies === 1) return similarity
  const [batch, rows] = similarity.shape
  const grouped = tf.reshape(similarity, [batch, rows / proxies, proxies]) as Tensor3D
  return tf.sum(tf.mul(grouped, tf.softmax(grouped)), -1) as Tensor2D
}
