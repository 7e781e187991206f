import * as tf from '@tensorflow/tfjs-core'
import type { Tensor, Tensor3D } from '@tensorflow/tfjs-core'
import type { TokenRange, Tuning } from '../../contracts/backbone'
import { layerNorm } from '../../ops/layer-norm'
import { linear } from '../../ops/linear'
import type { VitShape } from './vit-config'

/** What the pieces of a forward pass are given: sizes, a look-up of weights by timm's names, and the tuning. */
export interface VitPass {
  readonly shape: VitShape
  weight(name: string): Tensor
  readonly tuning: Tuning
}

/** [1, …] or [batch, …] → [batch, …]. Adding zeros broadcasts, and its gradient is one sum. */
export const overBatch = (tokens: Tensor3D, batch: number): Tensor3D =>
  tokens.shape[0] === batch ? tokens : tf.add(tokens, tf.zeros([batch, 1, 1]))

export function dense(pass: VitPass, x: Tensor3D, site: string, bias = true): Tensor3D {
  const y = linear(x, pass.weight(`${site}.weight`), bias ? pass.weight(`${site}.bias`) : undefined)
  return pass.tuning.modulate?.(y, site) ?? y
}

export function norm<T extends Tensor>(pass: VitPass, x: T, site: string): T {
  const y = layerNorm(x, pass.weight(`${site}.weight`), pass.weight(`${site}.bias`), pass.shape.layerNormEpsilon)
  return pass.tuning.modulate?.(y, site) ?? y
}

/** Some tokens of a sequence [batch, tokens, width]; all of them where no range is given. */
export const within = (tokens: Tensor3D, range: TokenRange | undefined): Tensor3D =>
  range === undefined || (range.first === 0 && range.count === tokens.shape[1])
    ? tokens
    : tf.slice(tokens, [0, range.first, 0], [tokens.shape[0], range.count, tokens.shape[2]])
