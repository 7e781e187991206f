import type { Backbone, BackboneMeta } from '../../contracts/backbone'
import type { NamedTensors } from '../../contracts/tensors'
import type { Rng } from '../../random/rng'
import { convolutionalBackbone, initConvolutional } from '../convolutional-backbone'
import type { ResnetConfig } from './resnet-config'
import { resnetSpec, resnetWeightShapes } from './resnet-config'
import { resnetFeatures } from './resnet-forward'

/** What a backbone has no use for: the classification head, and torch's count of training batches. */
const unused = /^fc\.|\.num_batches_tracked$/
export const isUnusedInResnet = (name: string): boolean => unused.test(name)

/**
 * A residual network with torch's weights as a pure function.
 * @param parameters timm's names (PyCIL's for `layout: 'cifar'`), torch's layouts; the backbone takes them over and disposes
 *   them. Weights of a classification head are disposed.
 * @throws Error that names missing, unknown and misshapen weights
 */
export function createResnet(config: ResnetConfig, parameters: NamedTensors, meta?: BackboneMeta): Backbone {
  const spec = resnetSpec(config)
  const { width, imageSize, batchNormEpsilon } = spec
  return convolutionalBackbone(
    {
      architecture: 'resnet',
      config,
      width,
      imageSize,
      batchNormEpsilon,
      weightShapes: resnetWeightShapes(config),
      ignores: isUnusedInResnet,
      features: (pass, images) => resnetFeatures(pass, spec, images),
    },
    parameters,
    meta,
  )
}

/** Fresh weights: He's normal initialisation by fan-out for convolutions, unit norms. */
export const initResnet = (config: ResnetConfig, rng: Rng): NamedTensors =>
  initConvolutional(resnetWeightShapes(config), rng)
