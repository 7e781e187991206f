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
 * A cosine head in two halves (LUCIR, Hou et al., CVPR 2019): `fc1.weight` for the classes known before and `fc2.weight` for the
 * new ones, with one `sigma`. When it grows, both halves become the first. `rows` gives the proxies of a class one after the
 * other.
 */
export function splitCosineHead(options: SplitCosineHeadOptions): Head {
  const { width, rng, label = 'fc', scale = true, proxies = 1 } = options
  const [oldName, newName] = ['fc1.weight', 'fc2.weight']
  const store = variableStore()
  const halves = () => [oldName, newName].filter(store.has).map((key) => store.get(key) as Tensor2D)
  const classesOf = (weights: Tensor2D[]) => weights.reduce((sum, half) => sum + half.shape[0], 0) / proxies
  const proxyRows = (labels: readonly number[]) =>
    labels.flatMap((of) => Array.from({ length: proxies }, (_, proxy) => of * proxies + proxy))

  return {
    width,
    get classes() {
      return classesOf(halves())
    },
    grow(classes, grow = {}) {
      const weights = halves()
      const known = classesOf(weights)
      if (grow.width !== undefined && grow.width !== width)
        throw new RangeError(`a split head has a fixed width of ${width}, got width ${grow.width}`)
      if (classes === known) return
      tf.tidy(() => {
        const added = growWeight({
          // By total and not by half, so that the halves draw different numbers.
          label: `${label}/${classes}`,
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
        if (scale && !store.has('sigma')) store.set('sigma', tf.ones([1]))
      })
    },
    reset(classes, { keepScale = false, ...options } = {}) {
      for (const name of [oldName, newName]) store.delete(name)
      if (!keepScale) store.delete('sigma')
      this.grow(classes, options)
    },
    rows(labels) {
      const all = tf.concat(halves(), 0)
      return labels === undefined ? all : tf.gather(all, tf.tensor1d(proxyRows(labels), 'int32'))
    },
    setRows(labels, rows) {
      tf.tidy(() => {
        const all = tf.unstack(tf.concat(halves(), 0))
        const given = tf.unstack(rows)
        const rowsOf = labels === 'all' ? all.keys() : proxyRows(labels)
        for (const [i, row] of [...rowsOf].entries()) all[row] = given[i]!
        let first = 0
        for (const name of [oldName, newName].filter(store.has)) {
          const count = store.get(name).shape[0]!
          store.set(name, tf.stack(all.slice(first, first + count)))
          first += count
        }
      })
    },
    copyFrom: (head) => store.restore(head.variables()),
    apply(features) {
      const similarity = halves().map((half) => cosineSimilarity(features, half))
      const cosines = byClass(similarity.length > 1 ? tf.concat(similarity, 1) : similarity[0]!, proxies)
      return scale ? tf.mul(cosines, store.get('sigma')) : cosines
    },
    variables: store.all,
    restore: store.restore,
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
