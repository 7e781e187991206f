import * as tf from '@tensorflow/tfjs-core'
import type { Tensor1D, Tensor2D, Tensor3D, Tensor4D } from '@tensorflow/tfjs-core'
import type { PrefixPair, TokenRange } from '../../contracts/backbone'
import { attention } from '../../ops/attention'
import { linear } from '../../ops/linear'
import { type VitPass, dense, overBatch, within } from './vit-pass'

/**
 * A block's attention, with the projection that follows it.
 * @param x [batch, tokens, width], normalised
 * @param range tokens that somebody reads: the others are attended to, and ask for nothing. Default: all
 * @returns [batch, tokens of the range, width]
 */
export function selfAttention(pass: VitPass, x: Tensor3D, block: number, range?: TokenRange): Tensor3D {
  const { shape, tuning } = pass
  const { heads, width } = shape
  const site = `blocks.${block}.attn`
  const prefix = tuning.prefix?.(block)
  const isPlain = prefix === undefined && tuning.qkv === undefined && tuning.modulate === undefined
  if (range && isPlain && 2 * range.count * heads <= x.shape[1])
    return dense(pass, attentionOfFew(pass, x, `${site}.qkv`, within(x, range)), `${site}.proj`)

  const joint = dense(pass, x, `${site}.qkv`, shape.qkvBias)
  const projected = tuning.qkv?.(joint, x, block) ?? joint
  // Queries, keys and values lie one after the other in heads of equal width: one transpose serves all three.
  const [all, keys, values] = tf.split(splitHeads(projected, 3 * heads), 3, 1) as [Tensor4D, Tensor4D, Tensor4D]
  const q = range ? tf.slice(all, [0, 0, range.first, 0], [-1, -1, range.count, -1]) : all
  const scale = (width / heads) ** -0.5
  const mixed = prefix ? prefixedAttention(q, keys, values, scale, prefix) : attention(q, keys, values, scale)
  const [batch, , length] = mixed.shape
  const joined = tf.reshape(tf.transpose(mixed, [0, 2, 1, 3]), [batch, length, width]) as Tensor3D
  return dense(pass, joined, `${site}.proj`)
}

/** [batch, tokens, width] → [batch, heads, tokens, width / heads] */
function splitHeads(tokens: Tensor3D, heads: number): Tensor4D {
  const [batch, length, width] = tokens.shape
  return tf.transpose(tf.reshape(tokens, [batch, length, heads, width / heads]), [0, 2, 1, 3]) as Tensor4D
}

/** Attention to a block's own keys and values and to those of a prefix. */
function prefixedAttention(q: Tensor4D, k: Tensor4D, v: Tensor4D, scale: number, prefix: PrefixPair): Tensor4D {
  const [batch, heads] = q.shape
  const keys = splitHeads(overBatch(prefix.keys, batch), heads)
  const values = splitHeads(overBatch(prefix.values, batch), heads)
  const together = (first: Tensor4D) => attention(q, tf.concat([keys, k], 2), tf.concat([first, v], 2), scale)
  if (!prefix.compensated) return together(values)
  // A prefix of zero values leaves what the own tokens give; what the prefix gives is an attention to it alone.
  return tf.add(together(tf.zerosLike(values)), attention(q, keys, values, scale))
}

/**
 * What a few tokens take from all, without keys and values of all: q·(x·Wₖᵀ)ᵀ = (q·Wₖ)·xᵀ and p·(x·Wᵥᵀ) = (p·x)·Wᵥᵀ, products of
 * a few rows a head in place of a row for every token. The bias of the keys adds the same to all scores of a query, which
 * softmax takes off again; weights of a query add up to 1, so that the values' bias comes in whole.
 * @param x [batch, tokens, width], attended to
 * @param few [batch, count, width], that ask
 * @returns [batch, count, width]
 */
function attentionOfFew(pass: VitPass, x: Tensor3D, site: string, few: Tensor3D): Tensor3D {
  const { heads, width, qkvBias } = pass.shape
  const [batch, count] = few.shape
  const [byQuery, byKey, byValue] = tf.split(pass.weight(`${site}.weight`), 3, 0) as [Tensor2D, Tensor2D, Tensor2D]
  const biases = qkvBias ? (tf.split(pass.weight(`${site}.bias`), 3, 0) as [Tensor1D, Tensor1D, Tensor1D]) : []
  const ownChannels = channelsOfHeads(heads, width)
  // Every head asks by itself: its own channels of the query, and zeros.
  const queries = tf.mul(tf.reshape(linear(few, byQuery, biases[0]), [batch, count, 1, width]), ownChannels)
  const asked = tf.matMul(tf.reshape(queries, [batch * count * heads, width]) as Tensor2D, byKey)
  const tokens = tf.reshape(x, [batch, 1, x.shape[1], width]) as Tensor4D
  const rows = tf.reshape(asked, [batch, 1, count * heads, width]) as Tensor4D
  const taken = attention(rows, tokens, tokens, (width / heads) ** -0.5)
  const values = linear(tf.reshape(taken, [batch, count, heads, width]), byValue, biases[2])
  return tf.sum(tf.mul(values, ownChannels), 2) as Tensor3D
}

/** [heads, width]: 1 where a channel is of the head. */
const channelsOfHeads = (heads: number, width: number): Tensor2D =>
  tf.tensor2d(
    Float32Array.from({ length: heads * width }, (_, i) =>
      Number(Math.floor(i / width) === Math.floor((i % width) / (width / heads))),
    ),
    [heads, width],
  )
