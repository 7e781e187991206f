import * as tf from '@tensorflow/tfjs-core'
import type { Tensor } from '@tensorflow/tfjs-core'
import type { BackboneMeta, ForwardOptions, TokenRange, TransformerBackbone } from '../../contracts/backbone'
import type { JsonValue, NamedTensors } from '../../contracts/tensors'
import { checkWeights } from '../../parameters/check-weights'
import { fingerprintOf } from '../../parameters/fingerprint'
import type { Rng } from '../../random/rng'
import { freezeOnEngine } from '../../training/engine-hints'
import { type VitConfig, vitShape, vitWeightShapes } from './vit-config'
import { embed, finish, pool, pooledTokens, runBlocks } from './vit-forward'
import type { VitPass } from './vit-pass'
import { resizePositions } from './vit-positions'

/** Weights of pre-training heads, which a backbone has no use for. */
const ofPretraining = /^(head|head_dist|pre_logits|mask_token|decoder_\w+)(\.|$)/
export const isOfPretraining = (name: string): boolean => ofPretraining.test(name)

/**
 * A vision transformer with timm's weights as a pure function.
 * @param parameters timm's names, torch's layouts; the backbone takes them over and disposes them. A position embedding of
 *   another grid is resampled; weights of a classification head are disposed.
 * @throws Error that names missing, unknown and misshapen weights
 */
export function createVit(config: VitConfig, parameters: NamedTensors, meta: BackboneMeta = {}): TransformerBackbone {
  const shape = vitShape(config)
  const { name = 'vit' } = meta
  const weights = weightsFor(parameters, config)
  checkWeights(name, weights, vitWeightShapes(config))
  Object.values(weights).forEach((tensor) => tf.keep(tensor))
  freezeOnEngine(Object.values(weights))
  let fingerprint = meta.fingerprint === undefined ? undefined : Promise.resolve(meta.fingerprint)

  const start = (options: ForwardOptions = {}): VitPass => ({
    shape,
    tuning: options.tuning ?? {},
    weight: (key) => options.parameters?.[key] ?? weights[key]!,
  })
  const throughBlocks = (pass: VitPass, images: tf.Tensor4D, range?: TokenRange) =>
    runBlocks(pass, embed(pass, images), 0, shape.depth, range)
  const pooled = pooledTokens(shape)

  return {
    name,
    architecture: 'vit',
    width: shape.width,
    depth: shape.depth,
    heads: shape.heads,
    prefixTokens: shape.prefixTokens,
    pooledTokens: pooled,
    parameters: weights,
    preprocessing: {
      inputSize: [shape.imageSize, shape.imageSize],
      mean: [0.5, 0.5, 0.5],
      std: [0.5, 0.5, 0.5],
      interpolation: 'bicubic',
      cropFraction: 1,
      ...meta.preprocessing,
    },
    fingerprint: () => (fingerprint ??= fingerprintOf(weights, { ...shape } as Record<string, JsonValue>)),
    features(images, options) {
      const pass = start(options)
      return tf.tidy(() => pool(pass, throughBlocks(pass, images, pooled)))
    },
    tokens(images, options, range) {
      const pass = start(options)
      return tf.tidy(() => finish(pass, throughBlocks(pass, images, range)))
    },
    embed(images, options) {
      return tf.tidy(() => embed(start(options), images))
    },
    blocks(tokens, from, to, options, range) {
      return tf.tidy(() => runBlocks(start(options), tokens, from, to, range))
    },
    pool(tokens, options) {
      return tf.tidy(() => pool(start(options), tokens))
    },
    dispose: () => tf.dispose(weights as Record<string, Tensor>),
  }
}

/** Leaves out what belongs to a pre-training head, and resamples the positions if the grid is another. */
function weightsFor(parameters: NamedTensors, config: VitConfig): NamedTensors {
  const { grid, positionRows } = vitShape(config)
  const weights: Record<string, Tensor> = {}
  for (const [name, tensor] of Object.entries(parameters)) {
    if (isOfPretraining(name)) tensor.dispose()
    else weights[name] = tensor
  }
  const positions = weights.pos_embed
  if (positions?.rank === 3 && positions.shape[1] !== positionRows) {
    weights.pos_embed = resizePositions(positions, positionRows - grid * grid, grid)
    positions.dispose()
  }
  return weights
}

/**
 * Fresh weights as timm initialises them: truncated normal of deviation 0.02 for linear weights and positions, LeCun's for
 * the patch projection, tiny tokens, zero biases, unit norms.
 */
export function initVit(config: VitConfig, rng: Rng): NamedTensors {
  const { patchSize, layerScale } = vitShape(config)
  const truncated = (size: number, deviation: number) =>
    Float32Array.from({ length: size }, () => {
      for (;;) {
        const draw = rng.normal()
        // The interval is −2 … 2 in absolute terms, which no draw of a small deviation leaves in practice.
        if (Math.abs(draw * deviation) <= 2) return draw * deviation
      }
    })
  const values = (name: string, size: number): Float32Array => {
    if (/^(cls|reg|dist)_token$/.test(name)) return rng.normals(size, 0, 1e-6)
    if (name === 'patch_embed.proj.weight') return truncated(size, (3 * patchSize * patchSize) ** -0.5)
    if (layerScale && name.endsWith('.gamma')) return new Float32Array(size).fill(1e-5)
    if (/norm\w*\.weight$/.test(name)) return new Float32Array(size).fill(1)
    return name.endsWith('.bias') ? new Float32Array(size) : truncated(size, 0.02)
  }
  return Object.fromEntries(
    Object.entries(vitWeightShapes(config)).map(([name, shape]) => [
      name,
      tf.tensor(values(name, tf.util.sizeFromShape(shape)), shape),
    ]),
  )
}
