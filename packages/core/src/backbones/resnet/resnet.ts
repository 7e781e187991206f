import * as tf from '@tensorflow/tfjs-core'
import type { Tensor } from '@tensorflow/tfjs-core'
import type { Backbone, BackboneMeta, ForwardOptions } from '../../contracts/backbone'
import type { JsonValue, NamedTensors } from '../../contracts/tensors'
import { shapeText } from '../../ops/shapes'
import { checkWeights } from '../../parameters/check-weights'
import { fingerprintOf } from '../../parameters/fingerprint'
import type { Rng } from '../../random/rng'
import { freezeOnEngine } from '../../training/engine-hints'
import type { ConvolutionSpec, ResnetConfig } from './resnet-config'
import { resnetSpec, resnetWeightShapes } from './resnet-config'
import type { FoldedConvolution, ResnetPass } from './resnet-forward'
import { fold, resnetFeatures } from './resnet-forward'

/** What a backbone has no use for: the classification head, and torch's count of training batches. */
const unused = /^fc\.|\.num_batches_tracked$/
export const isUnusedInResnet = (name: string): boolean => unused.test(name)

/**
 * A residual network with torch's weights as a pure function.
 * @param parameters timm's names (PyCIL's for `layout: 'cifar'`), torch's layouts; the backbone takes them over and disposes
 *   them. Weights of a classification head are disposed.
 * @throws Error that names missing, unknown and misshapen weights
 */
export function createResnet(config: ResnetConfig, parameters: NamedTensors, meta: BackboneMeta = {}): Backbone {
  const spec = resnetSpec(config)
  const { name = 'resnet' } = meta
  const weights: Record<string, Tensor> = {}
  for (const [key, tensor] of Object.entries(parameters)) {
    if (isUnusedInResnet(key)) tensor.dispose()
    else weights[key] = tensor
  }
  checkWeights(name, weights, resnetWeightShapes(config))
  Object.values(weights).forEach((tensor) => tf.keep(tensor))
  freezeOnEngine(Object.values(weights))
  const folds = new Map<string, FoldedConvolution>()
  let fingerprint = meta.fingerprint

  const frozen = (convolution: ConvolutionSpec): FoldedConvolution => {
    let folded = folds.get(convolution.name)
    if (!folded) {
      folded = fold(convolution, (key) => weights[key]!, spec.batchNormEpsilon)
      tf.keep(folded.kernel)
      tf.keep(folded.bias)
      freezeOnEngine([folded.kernel, folded.bias])
      folds.set(convolution.name, folded)
    }
    return folded
  }
  const start = ({ parameters: trained = {}, training = false }: ForwardOptions): ResnetPass => ({
    spec,
    training,
    weight: (key) => trained[key] ?? weights[key]!,
    folded(convolution) {
      const replaced = Object.keys(trained).some(
        (key) => key.startsWith(`${convolution.name}.`) || key.startsWith(`${convolution.norm}.`),
      )
      return training || replaced ? undefined : frozen(convolution)
    },
  })

  return {
    name,
    architecture: 'resnet',
    width: spec.width,
    parameters: weights,
    preprocessing: {
      inputSize: [spec.imageSize, spec.imageSize],
      mean: [0.485, 0.456, 0.406],
      std: [0.229, 0.224, 0.225],
      interpolation: 'bilinear',
      cropFraction: 1,
      ...meta.preprocessing,
    },
    get fingerprint() {
      return (fingerprint ??= fingerprintOf(weights, { ...config } as Record<string, JsonValue>))
    },
    features(images, options = {}) {
      if (images.rank !== 4 || images.shape[3] !== 3)
        throw new Error(`${name}: images must be [batch, height, width, 3], got ${shapeText(images.shape)}`)
      if (options.tuning)
        throw new Error(`${name}: prompts, adapters and their kin need a vision transformer; choose a vit_… backbone`)
      return tf.tidy(() => resnetFeatures(start(options), images))
    },
    dispose() {
      tf.dispose(weights)
      for (const folded of folds.values()) tf.dispose([folded.kernel, folded.bias])
      folds.clear()
    },
  }
}

/** Fresh weights: He's normal initialisation by fan-out for convolutions, unit norms. */
export function initResnet(config: ResnetConfig, rng: Rng): NamedTensors {
  const values = (name: string, shape: readonly number[]): Float32Array => {
    const size = shape.reduce((product, length) => product * length, 1)
    if (shape.length === 4) return rng.normals(size, 0, Math.sqrt(2 / (shape[0]! * shape[2]! * shape[3]!)))
    return new Float32Array(size).fill(/\.(weight|running_var)$/.test(name) ? 1 : 0)
  }
  return Object.fromEntries(
    Object.entries(resnetWeightShapes(config)).map(([name, shape]) => [name, tf.tensor(values(name, shape), shape)]),
  )
}
