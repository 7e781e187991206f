import * as tf from '@tensorflow/tfjs-core'
import type { Tensor2D } from '@tensorflow/tfjs-core'
import { cosineSimilarity } from '../ops/cosine'
import { variableStore } from '../parameters/variables'
import type { Rng } from '../random/rng'
import { growWeight } from './grow-weight'
import type { Head } from './head'
import { headRows } from './head-rows'

export interface CosineHeadOptions {
  /** Numbers per image. */
  width: number
  rng: Rng
  /** Rows are drawn from the generator under this name: heads that share one want different labels. Default `fc`. */
  label?: string
  /** A learned factor on the cosines, 1 to begin with. Default true. */
  scale?: boolean
}

/**
 * σ · cosine(features, rows) (Hou et al., CVPR 2019), with `weight` [classes, width] and `sigma` [1]. A row of zeros scores 0.
 * New rows are random unless `grow` says otherwise.
 */
export function cosineHead(options: CosineHeadOptions): Head {
  const { rng, label = 'fc', scale = true } = options
  const store = variableStore()
  const table = headRows(store, options.width)

  return {
    get classes() {
      return table.classes()
    },
    get width() {
      return table.width()
    },
    grow(classes, { rows = 'random', width = table.width(), rng: from = rng } = {}) {
      tf.tidy(() => {
        const old = table.classes() > 0 ? (store.get('weight') as Tensor2D) : undefined
        store.set('weight', growWeight({ label, old, classes, width, rows, initialization: 'torch', rng: from }))
        if (scale && !store.has('sigma')) store.set('sigma', tf.ones([1]))
      })
    },
    reset(classes, { keepScale = false, ...options } = {}) {
      store.delete('weight')
      if (!keepScale) store.delete('sigma')
      this.grow(classes, options)
    },
    rows: table.rows,
    setRows: table.setRows,
    copyFrom: table.copyFrom,
    apply(features) {
      const cosines = cosineSimilarity(features, store.get('weight') as Tensor2D)
      return scale ? tf.mul(cosines, store.get('sigma')) : cosines
    },
    variables: store.all,
    restore: store.restore,
    dispose: store.dispose,
  }
}
