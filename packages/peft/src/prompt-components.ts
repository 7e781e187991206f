import { detach, l2Normalize } from '@pilotjs/core/ops'
import { variableStore } from '@pilotjs/core/parameters'
import type { Tuning } from '@pilotjs/core'
import type { Part } from '@pilotjs/core/parts'
import type { Rng } from '@pilotjs/core/random'
import * as tf from '@tensorflow/tfjs-core'
import type { Scalar, Tensor, Tensor2D, Tensor3D } from '@tensorflow/tfjs-core'
import { drawOrthogonalRows } from './orthogonal-rows'

export interface PromptComponentsOptions {
  /** Components there is room for; more are made when they begin. */
  size: number
  /** Tokens per component: the first half enters attention as keys, the other as values. */
  length: number
  /** Numbers per token. */
  width: number
  /** Which blocks have components, counted from 0. */
  blocks: readonly number[]
}

/** Components `from` … `to` − 1 train; those before `from` take part as they are. */
export interface ComponentRange {
  readonly to: number
  /** Default 0. */
  readonly from?: number
}

/**
 * Prompts that are weighted sums of components, the weights found by attention of keys to the query (CODA-Prompt, Smith et al.,
 * CVPR 2023, https://arxiv.org/abs/2211.13218). Tensors per block: `e_p_BLOCK` (components), `e_k_BLOCK` (keys), `e_a_BLOCK`
 * (attention).
 */
export interface PromptComponents extends Part {
  /** Components there is room for. */
  readonly size: number
  /** Draws components, keys and attention vectors `from` … `to` − 1, orthogonal to those before; what comes after is zero. */
  begin(from: number, to: number, rng: Rng): Promise<void>
  /**
   * Per image Σₖ cosine(query ∘ aₖ, key k) · component k, half of its tokens as keys, half as values.
   * @param queries [batch, width]
   */
  tuning(queries: Tensor2D, range: ComponentRange): Tuning
  /** Σ over blocks and the three tables of the mean of (T·Tᵀ − I)²: how far components are from orthonormal. */
  orthogonality(range: ComponentRange): Scalar
}

const kinds = ['p', 'k', 'a'] as const

export function promptComponents(options: PromptComponentsOptions): PromptComponents {
  const { length, width, blocks } = options
  const store = variableStore()
  const names = blocks.flatMap((block) => kinds.map((kind) => `e_${kind}_${block}`))
  const shapeOf = (name: string, size: number) => (name.startsWith(`e_p_`) ? [size, length, width] : [size, width])
  for (const name of names) tf.tidy(() => store.set(name, tf.zeros(shapeOf(name, options.size))))

  /** A table as [components, numbers], no gradient for those before `from`. */
  const rows = (kind: (typeof kinds)[number], block: number, { from = 0, to }: ComponentRange): Tensor2D => {
    const table = store.get(`e_${kind}_${block}`)
    const flat = tf.reshape(table as Tensor, [table.shape[0]!, -1]) as Tensor2D
    const part = (first: number, count: number) => tf.slice(flat, [first, 0], [count, -1])
    return from === 0 ? part(0, to) : tf.concat([detach(part(0, from)), part(from, to - from)], 0)
  }

  return {
    get size() {
      return store.get(names[0]!).shape[0]!
    },
    async begin(from, to, rng) {
      for (const name of names) {
        const held = store.get(name)
        const shape = shapeOf(name, Math.max(to, held.shape[0]!))
        const each = tf.util.sizeFromShape(shape.slice(1))
        const values = new Float32Array(tf.util.sizeFromShape(shape))
        values.set(((await held.data()) as Float32Array).subarray(0, from * each))
        drawOrthogonalRows(values, each, from, to, rng.fork(name))
        tf.tidy(() => store.set(name, tf.tensor(values, shape)))
      }
    },
    tuning: (queries, range) => ({
      prefix(block) {
        if (!blocks.includes(block)) return undefined
        const attention = rows('a', block, range)
        const products = tf.matMul(
          queries,
          tf.mul(attention, l2Normalize(rows('k', block, range))) as Tensor2D,
          false,
          true,
        )
        // ‖query ∘ a‖² of every pair as one product, so that no [batch, components, width] is laid out.
        const squares = tf.matMul(tf.square(queries), tf.square(attention), false, true)
        const weights = tf.div(products, tf.sqrt(tf.maximum(squares, 1e-24))) as Tensor2D
        const tokens = tf.reshape(tf.matMul(weights, rows('p', block, range)), [-1, length, width]) as Tensor3D
        const half = Math.floor(length / 2)
        return {
          keys: tf.slice(tokens, [0, 0, 0], [-1, half, -1]),
          values: tf.slice(tokens, [0, half, 0], [-1, half, -1]),
        }
      },
    }),
    orthogonality(range) {
      const unit = tf.eye(range.to)
      const penalties = blocks.flatMap((block) =>
        kinds.map((kind) => {
          const table = rows(kind, block, range)
          return tf.mean(tf.square(tf.sub(tf.matMul(table, table, false, true), unit))) as Scalar
        }),
      )
      return tf.addN(penalties)
    },
    variables: store.all,
    restore: store.restore,
    dispose: store.dispose,
  }
}
