import * as tf from '@tensorflow/tfjs-core'
import type { Tensor, Tensor2D, Tensor3D, Tensor4D } from '@tensorflow/tfjs-core'
import type { PrefixPair, Tuning } from '../../contracts/backbone'
import { attention } from '../../ops/attention'
import { gelu, geluTanh, quickGelu } from '../../ops/gelu'
import { layerNorm } from '../../ops/layer-norm'
import { linear } from '../../ops/linear'
import { shapeText } from '../../ops/shapes'
import type { VitShape } from './vit-config'
import { lastNorm } from './vit-config'

/** What the pieces of a forward pass are given: sizes, a look-up of weights by timm's names, and the tuning. */
export interface VitPass {
  readonly shape: VitShape
  weight(name: string): Tensor
  readonly tuning: Tuning
}

/** [1, …] or [batch, …] → [batch, …]. Adding zeros broadcasts, and its gradient is one sum. */
const overBatch = (tokens: Tensor3D, batch: number): Tensor3D =>
  tokens.shape[0] === batch ? tokens : tf.add(tokens, tf.zeros([batch, 1, 1]))

function dense(pass: VitPass, x: Tensor3D, site: string, bias = true): Tensor3D {
  const y = linear(x, pass.weight(`${site}.weight`), bias ? pass.weight(`${site}.bias`) : undefined)
  return pass.tuning.modulate?.(y, site) ?? y
}

function norm<T extends Tensor>(pass: VitPass, x: T, site: string): T {
  const y = layerNorm(x, pass.weight(`${site}.weight`), pass.weight(`${site}.bias`), pass.shape.layerNormEpsilon)
  return pass.tuning.modulate?.(y, site) ?? y
}

/** [batch, size, size, 3] → [batch, patches, patch·patch·3], rows of patches in reading order. */
function patches(images: Tensor4D, { grid, patchSize }: VitShape): Tensor3D {
  const batch = images.shape[0]
  const lines = tf.reshape(images, [batch * grid, patchSize, grid, patchSize * 3])
  return tf.reshape(tf.transpose(lines, [0, 2, 1, 3]), [batch, grid * grid, patchSize * patchSize * 3])
}

/** The position embedding with a row for every token: registers, where it leaves them out, get zeros. */
function positions(pass: VitPass): Tensor3D {
  const { shape } = pass
  const table = pass.weight('pos_embed') as Tensor3D
  const missing = shape.prefixTokens + shape.grid * shape.grid - shape.positionRows
  if (missing === 0) return table
  const before = shape.positions === 'patches' ? 0 : shape.prefixTokens - shape.registers
  const parts = [
    tf.slice(table, [0, 0, 0], [1, before, shape.width]),
    tf.zeros<Tensor['rankType']>([1, missing, shape.width]) as Tensor3D,
    tf.slice(table, [0, before, 0]),
  ]
  return tf.concat(before === 0 ? parts.slice(1) : parts, 1)
}

/** Images to the sequence that enters block 0: [batch, prefix + patches, width], plus what the tuning adds. */
export function embed(pass: VitPass, images: Tensor4D): Tensor3D {
  const { shape, weight, tuning } = pass
  const { imageSize, patchSize, width } = shape
  const [batch, height, wide, channels] = images.shape
  if (images.rank !== 4 || height !== imageSize || wide !== imageSize || channels !== 3) {
    throw new Error(
      `Vision transformer: images must be [batch, ${imageSize}, ${imageSize}, 3], got ${shapeText(images.shape)}`,
    )
  }
  // timm keeps the kernel as [width, channel, row, column]; a patch here is row, column, channel.
  const kernel = tf.reshape(tf.transpose(weight('patch_embed.proj.weight'), [0, 2, 3, 1]), [
    width,
    patchSize * patchSize * 3,
  ])
  const bias = shape.preNorm ? undefined : weight('patch_embed.proj.bias')
  const projected = linear(patches(images, shape), kernel, bias)
  const sequence = [tuning.modulate?.(projected, 'patch_embed.proj') ?? projected]
  if (shape.registers > 0) sequence.unshift(overBatch(weight('reg_token') as Tensor3D, batch))
  if (shape.distillationToken) sequence.unshift(overBatch(weight('dist_token') as Tensor3D, batch))
  if (shape.classToken) sequence.unshift(overBatch(weight('cls_token') as Tensor3D, batch))
  const table = positions(pass)
  const placed: Tensor3D = tf.add(sequence.length > 1 ? tf.concat(sequence, 1) : sequence[0]!, table)
  const tokens = tuning.embed?.(placed, { positions: table, prefixTokens: shape.prefixTokens }) ?? placed
  return shape.preNorm ? norm(pass, tokens, 'norm_pre') : tokens
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

function selfAttention(pass: VitPass, x: Tensor3D, block: number): Tensor3D {
  const { shape, tuning } = pass
  const { heads, width } = shape
  const [batch, length] = x.shape
  const site = `blocks.${block}.attn`
  const joint = dense(pass, x, `${site}.qkv`, shape.qkvBias)
  const projected = tuning.qkv?.(joint, x, block) ?? joint
  // Queries, keys and values lie one after the other in heads of equal width: one transpose serves all three.
  const [q, ownKeys, ownValues] = tf.split(splitHeads(projected, 3 * heads), 3, 1) as [Tensor4D, Tensor4D, Tensor4D]
  const prefix = tuning.prefix?.(block)
  const scale = (width / heads) ** -0.5
  const mixed = prefix
    ? prefixedAttention(q, ownKeys, ownValues, scale, prefix)
    : attention(q, ownKeys, ownValues, scale)
  const joined = tf.reshape(tf.transpose(mixed, [0, 2, 1, 3]), [batch, length, width]) as Tensor3D
  return dense(pass, joined, `${site}.proj`)
}

const activations = { gelu, geluTanh, quickGelu } as const

/** One pre-norm block: x + attention(norm x), then + mlp(norm x) and what the tuning puts beside either. */
function transformerBlock(pass: VitPass, tokens: Tensor3D, block: number): Tensor3D {
  const { shape, tuning, weight } = pass
  const site = `blocks.${block}`
  const scaled = (x: Tensor3D, name: string): Tensor3D =>
    shape.layerScale ? tf.mul(x, weight(`${site}.${name}.gamma`)) : x
  const entering = tuning.enter?.(tokens, block) ?? tokens
  const normed = norm(pass, entering, `${site}.norm1`)
  const attended: Tensor3D = tf.add(entering, scaled(selfAttention(pass, normed, block), 'ls1'))
  const beside = tuning.besideAttention?.(normed, block)
  const x: Tensor3D = beside ? tf.add(attended, beside) : attended
  const hidden = activations[shape.activation](dense(pass, norm(pass, x, `${site}.norm2`), `${site}.mlp.fc1`))
  const y: Tensor3D = tf.add(x, scaled(dense(pass, hidden, `${site}.mlp.fc2`), 'ls2'))
  const branch = tuning.branch?.(x, block)
  return branch ? tf.add(y, branch) : y
}

/** Blocks `from` … `to` − 1. */
export function runBlocks(pass: VitPass, tokens: Tensor3D, from: number, to: number): Tensor3D {
  let x = tokens
  for (let block = from; block < to; block++) x = transformerBlock(pass, x, block)
  return x
}

/** The whole sequence after the last norm; where that norm follows pooling, as the last block leaves it. */
export const finish = (pass: VitPass, tokens: Tensor3D): Tensor3D =>
  pass.shape.normAfterPool ? tokens : norm(pass, tokens, lastNorm(pass.shape))

/** The sequence that leaves the last block → [batch, width]. */
export function pool(pass: VitPass, tokens: Tensor3D): Tensor2D {
  const { shape } = pass
  if (shape.normAfterPool) return norm(pass, pooled(shape, tokens), lastNorm(shape))
  if (shape.pool === 'average') return pooled(shape, finish(pass, tokens))
  // A norm acts on each token alone: those that count are enough.
  const heads = shape.distillationToken ? 2 : 1
  const [batch, , width] = tokens.shape
  return pooled(shape, finish(pass, tf.slice(tokens, [0, 0, 0], [batch, heads, width])))
}

/** The class token, its mean with the distillation token, or the mean of the patches: [batch, width]. */
function pooled(shape: VitShape, tokens: Tensor3D): Tensor2D {
  const [batch, , width] = tokens.shape
  if (shape.pool === 'average') return tf.mean(tf.slice(tokens, [0, shape.prefixTokens, 0]), 1) as Tensor2D
  if (shape.distillationToken) return tf.mean(tf.slice(tokens, [0, 0, 0], [batch, 2, width]), 1) as Tensor2D
  return tf.reshape(tf.slice(tokens, [0, 0, 0], [batch, 1, width]), [batch, width]) as Tensor2D
}
