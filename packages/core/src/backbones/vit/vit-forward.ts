import * as tf from '@tensorflow/tfjs-core'
import type { Tensor, Tensor2D, Tensor3D, Tensor4D } from '@tensorflow/tfjs-core'
import type { TokenRange } from '../../contracts/backbone'
import { gelu, geluTanh, quickGelu } from '../../ops/gelu'
import { linear } from '../../ops/linear'
import { shapeText } from '../../ops/shapes'
import { selfAttention } from './vit-attention'
import type { VitShape } from './vit-config'
import { lastNorm } from './vit-config'
import { type VitPass, dense, norm, overBatch, within } from './vit-pass'

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

const activations = { gelu, geluTanh, quickGelu } as const

/**
 * One pre-norm block: x + attention(norm x), then + mlp(norm x) and what the tuning puts beside either.
 * @param range tokens that are computed; default: all
 */
function transformerBlock(pass: VitPass, tokens: Tensor3D, block: number, range?: TokenRange): Tensor3D {
  const { shape, tuning, weight } = pass
  const site = `blocks.${block}`
  const scaled = (x: Tensor3D, name: string): Tensor3D =>
    shape.layerScale ? tf.mul(x, weight(`${site}.${name}.gamma`)) : x
  const entering = tuning.enter?.(tokens, block) ?? tokens
  const normed = norm(pass, entering, `${site}.norm1`)
  const attention = scaled(selfAttention(pass, normed, block, range), 'ls1')
  const attended: Tensor3D = tf.add(within(entering, range), attention)
  const beside = tuning.besideAttention?.(within(normed, range), block)
  const x: Tensor3D = beside ? tf.add(attended, beside) : attended
  const hidden = activations[shape.activation](dense(pass, norm(pass, x, `${site}.norm2`), `${site}.mlp.fc1`))
  const y: Tensor3D = tf.add(x, scaled(dense(pass, hidden, `${site}.mlp.fc2`), 'ls2'))
  const branch = tuning.branch?.(x, block)
  return branch ? tf.add(y, branch) : y
}

/**
 * Blocks `from` … `to` − 1.
 * @param range tokens that are read of what the last of them gives: nothing else is computed there. Default: all
 */
export function runBlocks(pass: VitPass, tokens: Tensor3D, from: number, to: number, range?: TokenRange): Tensor3D {
  if (from >= to) return within(tokens, range)
  let x = tokens
  for (let block = from; block < to - 1; block++) x = transformerBlock(pass, x, block)
  return transformerBlock(pass, x, to - 1, range)
}

/** The whole sequence after the last norm; where that norm follows pooling, as the last block leaves it. */
export const finish = (pass: VitPass, tokens: Tensor3D): Tensor3D =>
  pass.shape.normAfterPool ? tokens : norm(pass, tokens, lastNorm(pass.shape))

/** The tokens that pooling reads; undefined: all. */
export const pooledTokens = ({ pool, distillationToken }: VitShape): TokenRange | undefined =>
  pool === 'average' ? undefined : { first: 0, count: distillationToken ? 2 : 1 }

/** The sequence that leaves the last block, or the part of it that pooling reads → [batch, width]. */
export function pool(pass: VitPass, tokens: Tensor3D): Tensor2D {
  const { shape } = pass
  // A norm acts on each token alone: those that count are enough.
  const read = within(tokens, pooledTokens(shape))
  return shape.normAfterPool ? norm(pass, pooled(shape, read), lastNorm(shape)) : pooled(shape, finish(pass, read))
}

/** The class token, its mean with the distillation token, or the mean of the patches: [batch, width]. */
function pooled(shape: VitShape, tokens: Tensor3D): Tensor2D {
  const [batch, length, width] = tokens.shape
  if (shape.pool === 'average') return tf.mean(tf.slice(tokens, [0, shape.prefixTokens, 0]), 1) as Tensor2D
  return (length === 1 ? tf.reshape(tokens, [batch, width]) : tf.mean(tokens, 1)) as Tensor2D
}
