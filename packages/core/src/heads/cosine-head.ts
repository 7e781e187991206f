import * as tf from '@tensorflow/tfjs-core'
import type { Tensor2D } from '@tensorflow/tfjs-core'
import { cosineSimilarity } from '../ops/cosine'
import { variableStore } from '../parameters/variables'
import type { Rng } from '../random/rng'
import { growWeight } from './grow-weight'
import type { Head } from './head'

export interface CosineHeadOptions {
  /** Numbers per image. */
  width: number
  rng: Rng
  /** Of its variables: `NAME.weight` [classes, width] and `NAME.sigma` [1]. Default `fc`. */
  name?: string
  /** A learned factor on the cosines, 1 to begin with. Default true. */
  sigma?: boolean
}

/** σ · cosine(features, rows) (Hou et al., CVPR 2019). A row of zeros scores 0. New rows are random unless `grow` says otherwise. */
export function cosineHead(options: CosineHeadOptions): Head {
  const { rng, name = 'fc', sigma = true } = options
  const [weightName, sigmaName] = [`${name}.weight`, `${name}.sigma`]
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
      const { rows = 'random', width = this.width } = grow
      tf.tidy(() => {
        store.set(
          weightName,
          growWeight({ name, old: weight(), classes, width, rows, initialization: 'torch', rng: grow.rng ?? rng }),
        )
        if (sigma && !store.has(sigmaName)) store.set(sigmaName, tf.ones([1]))
      })
    },
    apply(features) {
      const cosines = cosineSimilarity(features, store.get(weightName) as Tensor2D)
      return sigma ? tf.mul(cosines, store.get(sigmaName)) : cosines
    },
    variables: store.all,
    restore: (tensors) => store.restore(tensors, (key) => key === weightName || key === sigmaName),
    dispose: store.dispose,
  }
}
