import { initVit } from '@pilotjs/core/backbones'
import type { NamedTensors } from '@pilotjs/core'
import type { VitConfig } from '@pilotjs/core/backbones'
import type { Rng } from '@pilotjs/core/random'
import * as tf from '@tensorflow/tfjs-core'
import type { Tensor } from '@tensorflow/tfjs-core'

/** How strongly a token starts by attending to its like, and how much of minus its value attention writes back. */
const QUERY_KEY = { gain: 0.1, noise: 0.05 }
const VALUE_OUT = { identity: 0.2, noise: 0.4 }

/**
 * Start weights from which a small transformer learns much faster: timm's, with the position embedding of sines and
 * cosines over rows and columns (Chen et al., MoCo v3, 2021; learned afterwards) and attention that starts as trained
 * ones look, queries near keys and output near minus value (Trockman and Kolter, "Mimetic Initialization", 2023).
 */
export function initialWeights(config: VitConfig, rng: Rng): NamedTensors {
  const weights: Record<string, Tensor> = { ...initVit(config, rng.fork('timm')) }
  const put = (name: string, values: Float32Array) => {
    const { shape } = weights[name]!
    weights[name]!.dispose()
    weights[name] = tf.tensor(values, shape)
  }
  const { width, depth, heads } = config
  // a class token of nothing but 1e-6 would make the first norm's gradient huge
  put('cls_token', gaussian(width, 0.1, rng.fork('class token')))
  put('pos_embed', sinCosPositions(config.imageSize / config.patchSize, width))
  for (let block = 0; block < depth; block++) {
    const own = rng.fork('block', block)
    const qkv = weights[`blocks.${block}.attn.qkv.weight`]!.dataSync().slice() as Float32Array
    qkv.set(queriesAndKeys(width, heads, own), 0)
    const value = gaussian(width * width, Math.sqrt(VALUE_OUT.noise / width), own)
    for (let i = 0; i < width; i++) value[i * width + i]! += VALUE_OUT.identity
    qkv.set(value, 2 * width * width)
    put(`blocks.${block}.attn.qkv.weight`, qkv)
    const out = new Float32Array(width * width)
    for (let i = 0; i < width; i++) for (let j = 0; j < width; j++) out[i * width + j] = -value[j * width + i]!
    put(`blocks.${block}.attn.proj.weight`, out)
  }
  return weights
}

/** [2 · width, width]: per head the same rows for queries and keys, up to noise, so that qᵀk is near the identity. */
function queriesAndKeys(width: number, heads: number, rng: Rng): Float32Array {
  const headWidth = width / heads
  const shared = gaussian(width * width, Math.sqrt(QUERY_KEY.gain / headWidth), rng)
  const noise = Math.sqrt((QUERY_KEY.gain * QUERY_KEY.noise) / headWidth)
  const both = new Float32Array(2 * width * width)
  for (let part = 0; part < 2; part++) {
    const own = gaussian(width * width, noise, rng)
    for (let i = 0; i < width * width; i++) both[part * width * width + i] = shared[i]! + own[i]!
  }
  return both
}

const gaussian = (size: number, deviation: number, rng: Rng) => rng.normals(size, 0, deviation)

/** [1 + grid², width]: zeros for the class token; per patch a quarter each of sin and cos of its column and of its row. */
export function sinCosPositions(grid: number, width: number): Float32Array {
  if (width % 4 !== 0) throw new Error(`The width must be a multiple of 4 for sine-cosine positions, got ${width}.`)
  const quarter = width / 4
  const table = new Float32Array((1 + grid * grid) * width)
  for (let y = 0; y < grid; y++) {
    for (let x = 0; x < grid; x++) {
      const row = (1 + y * grid + x) * width
      for (let i = 0; i < quarter; i++) {
        const frequency = 1 / 10000 ** (i / quarter)
        table[row + i] = Math.sin(x * frequency)
        table[row + quarter + i] = Math.cos(x * frequency)
        table[row + 2 * quarter + i] = Math.sin(y * frequency)
        table[row + 3 * quarter + i] = Math.cos(y * frequency)
      }
    }
  }
  return table
}
