import type { NamedTensors } from '@pilotjs/core'
import type { VitConfig } from '@pilotjs/core/backbones'
import type { Rng } from '@pilotjs/core/random'
import * as tf from '@tensorflow/tfjs-core'
import { initialWeights } from './initial-weights'

/**
 * Makes the weights of a wider transformer that computes nearly what a narrow one does, so that a training can go on with
 * more room (after Chen et al., "Net2Net", ICLR 2016, and Chen et al., "bert2BERT", ACL 2022, but with new units in place of
 * copies): the old channels, heads and hidden units keep their weights and read nothing of the new ones, which begin as in
 * a new network. Layer norms see the old channels beside nearly silent ones, and are scaled for it.
 *
 * @param narrow weights by timm's names; disposed
 * @throws Error if more than the width and the number of heads differs; heads keep their width
 */
export function growWeights(narrow: NamedTensors, from: VitConfig, to: VitConfig, rng: Rng): NamedTensors {
  const headWidth = from.width / from.heads
  if (from.depth !== to.depth || to.width < from.width || to.width / to.heads !== headWidth) {
    throw new Error(
      `A backbone of width ${from.width}, depth ${from.depth} and ${from.heads} heads cannot grow into one of width ` +
        `${to.width}, depth ${to.depth} and ${to.heads} heads: choose the same depth and heads of ${headWidth} numbers.`,
    )
  }
  const grown: Record<string, tf.Tensor> = { ...initialWeights(to, rng) }
  for (const [name, old] of Object.entries(narrow)) {
    const base = grown[name]
    if (!base) continue
    const values = base.dataSync().slice() as Float32Array
    const scale = /norm\d?\.weight$/.test(name) ? Math.sqrt(from.width / to.width) : 1
    // queries, keys and values lie one after the other
    const parts = name.includes('attn.qkv') ? 3 : 1
    place(old, base, values, parts, scale)
    grown[name] = tf.tensor(values, base.shape)
    base.dispose()
  }
  tf.dispose(narrow as Record<string, tf.Tensor>)
  return grown
}

/**
 * Writes old values into the new ones. Of tokens the last axis grows, of all others the first two.
 */
function place(old: tf.Tensor, base: tf.Tensor, values: Float32Array, parts: number, scale: number): void {
  const source = old.dataSync() as Float32Array
  const isTokens = old.rank === 3
  // [rows, columns, what lies within]
  const view = ({ shape }: tf.Tensor): [number, number, number] =>
    isTokens ? [shape[1]!, shape[2]!, 1] : [shape[0]!, shape[1] ?? 1, shape.slice(2).reduce((a, b) => a * b, 1)]
  const [oldRows, oldColumns, inner] = view(old)
  const [rows, columns] = view(base)
  for (let row = 0; row < oldRows; row++) {
    const part = Math.floor(row / (oldRows / parts))
    const target = part * (rows / parts) + (row % (oldRows / parts))
    // what is old reads nothing that is new; tokens begin with nothing in new channels
    values.fill(0, target * columns * inner, (target + 1) * columns * inner)
    for (let i = 0; i < oldColumns * inner; i++) {
      values[target * columns * inner + i] = source[row * oldColumns * inner + i]! * scale
    }
  }
}
