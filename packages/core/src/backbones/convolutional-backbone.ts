import * as tf from '@tensorflow/tfjs-core'
import type { Tensor, Tensor2D, Tensor4D } from '@tensorflow/tfjs-core'
import type { Backbone, BackboneMeta, ForwardOptions, Preprocessing } from '../contracts/backbone'
import type { JsonValue, NamedTensors } from '../contracts/tensors'
import { shapeText } from '../ops/shapes'
import { checkWeights } from '../parameters/check-weights'
import { fingerprintOf } from '../parameters/fingerprint'
import type { Rng } from '../random/rng'
import { freezeOnEngine } from '../training/engine-hints'
import { type ConvolutionSpec, type ConvolutionalPass, type FoldedConvolution, fold } from './convolution'
import { type PreprocessingRecipe, preprocessingPresets } from './preprocessing'

/** What makes one convolutional network another than the next. */
export interface ConvolutionalNetwork {
  /** Name of the family. */
  readonly architecture: string
  readonly config: object
  readonly width: number
  readonly imageSize: number
  /** Default: ImageNet's mean and deviation, bilinear, the whole image. */
  readonly preprocessing?: PreprocessingRecipe
  readonly batchNormEpsilon?: number
  readonly weightShapes: Readonly<Record<string, readonly number[]>>
  /** Whether a weight has no part in features. */
  ignores(name: string): boolean
  /** [batch, height, width, 3] → [batch, width] */
  features(pass: ConvolutionalPass, images: Tensor4D): Tensor2D
}

/**
 * A convolutional network with torch's weights as a pure function. Convolutions and frozen batch norms after them are
 * multiplied out once.
 * @param parameters the backbone takes them over and disposes them; what the network ignores is disposed at once
 * @throws Error that names missing, unknown and misshapen weights
 */
export function convolutionalBackbone(
  network: ConvolutionalNetwork,
  parameters: NamedTensors,
  meta: BackboneMeta = {},
): Backbone {
  const { architecture, width, imageSize, batchNormEpsilon = 1e-5 } = network
  const { name = architecture } = meta
  const weights: Record<string, Tensor> = {}
  for (const [key, tensor] of Object.entries(parameters)) {
    if (network.ignores(key)) tensor.dispose()
    else weights[key] = tensor
  }
  checkWeights(name, weights, network.weightShapes)
  Object.values(weights).forEach((tensor) => tf.keep(tensor))
  freezeOnEngine(Object.values(weights))
  const folds = new Map<string, FoldedConvolution>()
  let fingerprint = meta.fingerprint === undefined ? undefined : Promise.resolve(meta.fingerprint)

  const frozen = (convolution: ConvolutionSpec): FoldedConvolution => {
    let folded = folds.get(convolution.name)
    if (!folded) {
      folded = fold(convolution, (key) => weights[key]!, batchNormEpsilon)
      tf.keep(folded.kernel)
      tf.keep(folded.bias)
      freezeOnEngine([folded.kernel, folded.bias])
      folds.set(convolution.name, folded)
    }
    return folded
  }
  const start = ({ parameters: trained = {}, training }: ForwardOptions): ConvolutionalPass => ({
    training: training !== undefined,
    batchNormEpsilon,
    weight: (key) => trained[key] ?? weights[key]!,
    folded(convolution) {
      const replaced = Object.keys(trained).some(
        (key) => key.startsWith(`${convolution.name}.`) || key.startsWith(`${convolution.norm}.`),
      )
      return training || replaced ? undefined : frozen(convolution)
    },
  })
  const usual: Preprocessing = {
    inputSize: [imageSize, imageSize],
    ...preprocessingPresets.torchvision,
    cropFraction: 1,
    ...network.preprocessing,
  }

  return {
    name,
    architecture,
    width,
    parameters: weights,
    preprocessing: { ...usual, ...meta.preprocessing },
    fingerprint: () => (fingerprint ??= fingerprintOf(weights, { ...network.config } as Record<string, JsonValue>)),
    features(images, options = {}) {
      if (images.rank !== 4 || images.shape[3] !== 3)
        throw new Error(`${name}: images must be [batch, height, width, 3], got ${shapeText(images.shape)}`)
      if (options.tuning)
        throw new Error(`${name}: prompts, adapters and their kin need a vision transformer; choose a vit_… backbone`)
      return tf.tidy(() => network.features(start(options), images))
    },
    dispose() {
      tf.dispose(weights)
      for (const folded of folds.values()) tf.dispose([folded.kernel, folded.bias])
      folds.clear()
    },
  }
}

/** Fresh weights: He's normal initialisation by fan-out for convolutions, 0.02 for linear weights, unit norms, zero biases. */
export function initConvolutional(shapes: Readonly<Record<string, readonly number[]>>, rng: Rng): NamedTensors {
  const values = (name: string, shape: readonly number[]): Float32Array => {
    const size = shape.reduce((product, length) => product * length, 1)
    if (shape.length === 4) {
      // A depthwise kernel's fan-out is that of its one channel.
      const fanOut = (shape[1] === 1 ? 1 : shape[0]!) * shape[2]! * shape[3]!
      return rng.normals(size, 0, Math.sqrt(2 / fanOut))
    }
    if (shape.length === 2) return rng.normals(size, 0, 0.02)
    return new Float32Array(size).fill(/\.(weight|running_var)$/.test(name) ? 1 : 0)
  }
  return Object.fromEntries(
    Object.entries(shapes).map(([name, shape]) => [name, tf.tensor(values(name, shape), [...shape])]),
  )
}
