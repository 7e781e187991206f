import * as tf from '@tensorflow/tfjs-core'
import type { Tensor2D } from '@tensorflow/tfjs-core'
import { linear } from '../ops/linear'
import { variableStore } from '../parameters/variables'
import type { Rng } from '../random/rng'
import { growWeight } from './grow-weight'
import type { Head } from './head'
import { type Initialization, drawWeight } from './initialization'

export interface LinearHeadOptions {
  /** Numbers per image. */
  width: number
  rng: Rng
  /** Of its variables: `NAME.weight` [classes, width] and `NAME.bias` [classes]. Default `fc`. */
  name?: string
  /** Default `kaimingUniform`, as PILOT's `SimpleLinear`. */
  initialization?: Initialization
  /** Default true. */
  bias?: boolean
}

/** features · Wᵀ + b. New rows are random unless `grow` says otherwise. */
export function linearHead(options: LinearHeadOptions): Head {
  const { rng, name = 'fc', initialization = 'kaimingUniform', bias = true } = options
  const [weightName, biasName] = [`${name}.weight`, `${name}.bias`]
  const store = variableStore()
  const weight = () => (store.has(weightName) ? (store.get(weightName) as Tensor2D) : undefined)

  return {
    get classes() {
      return weight()?.shape[0] ?? 0
    },
    get width() {
      return weight()?.shape[1] ?? options.width
    },
    grow(classes, grow = {}) {
      const old = weight()
      const width = grow.width ?? this.width
      const from = grow.rng ?? rng
      tf.tidy(() => {
        const added = classes - (old?.shape[0] ?? 0)
        store.set(
          weightName,
          growWeight({ name, old, classes, width, rows: grow.rows ?? 'random', initialization, rng: from }),
        )
        if (!bias) return
        // Only torch's default draws biases; every other one starts them at zero.
        const values =
          initialization === 'torch' && (grow.rows ?? 'random') === 'random'
            ? drawWeight(initialization, added, width, from.fork(name, classes, width, 'bias'))
            : new Float32Array(added)
        const newBias = tf.tensor1d(values)
        store.set(biasName, store.has(biasName) ? tf.concat([store.get(biasName), newBias]) : newBias)
      })
    },
    apply: (features) => linear(features, store.get(weightName), bias ? store.get(biasName) : undefined),
    variables: store.all,
    restore: (tensors) => store.restore(tensors, (key) => key === weightName || key === biasName),
    dispose: store.dispose,
  }
}
