import * as tf from '@tensorflow/tfjs-core'
import type { Tensor2D } from '@tensorflow/tfjs-core'
import { linear } from '../ops/linear'
import { variableStore } from '../parameters/variables'
import type { Rng } from '../random/rng'
import { growWeight } from './grow-weight'
import type { Head } from './head'
import { headRows } from './head-rows'
import { type Initialization, drawWeight } from './initialization'

export interface LinearHeadOptions {
  /** Numbers per image. */
  width: number
  rng: Rng
  /** Rows are drawn from the generator under this name: heads that share one want different labels. Default `fc`. */
  label?: string
  /** Default `kaimingUniform`, as PILOT's `SimpleLinear`. */
  initialization?: Initialization
  /** Default true. */
  bias?: boolean
}

/** features · Wᵀ + b, with `weight` [classes, width] and `bias` [classes]. New rows are random unless `grow` says otherwise. */
export function linearHead(options: LinearHeadOptions): Head {
  const { rng, label = 'fc', initialization = 'kaimingUniform', bias = true } = options
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
      const known = table.classes()
      tf.tidy(() => {
        const old = known > 0 ? (store.get('weight') as Tensor2D) : undefined
        store.set('weight', growWeight({ label, old, classes, width, rows, initialization, rng: from }))
        if (!bias) return
        // Only torch's default draws biases; every other one starts them at zero.
        const added =
          initialization === 'torch' && rows === 'random'
            ? drawWeight(initialization, classes - known, width, from.fork(label, classes, width, 'bias'))
            : new Float32Array(classes - known)
        const newBias = tf.tensor1d(added)
        store.set('bias', known > 0 ? tf.concat([store.get('bias'), newBias]) : newBias)
      })
    },
    reset(classes, options) {
      store.dispose()
      this.grow(classes, options)
    },
    rows: table.rows,
    setRows: table.setRows,
    copyFrom: table.copyFrom,
    apply: (features) => linear(features, store.get('weight'), bias ? store.get('bias') : undefined),
    variables: store.all,
    restore: store.restore,
    dispose: store.dispose,
  }
}
