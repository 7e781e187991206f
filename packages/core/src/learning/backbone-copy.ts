import type { Tensor2D, Tensor4D } from '@tensorflow/tfjs-core'
import type { Backbone } from '../contracts/backbone'
import type { NamedTensors } from '../contracts/tensors'
import { fingerprintOf } from '../parameters/fingerprint'
import { type WeightsPart, weightsPart } from './part'

/** A copy of a backbone whose weights train. */
export interface BackboneCopy extends WeightsPart {
  /** [batch, height, width, 3] → [batch, width] */
  features(images: Tensor4D, training?: boolean): Tensor2D
  /** Names the weights as they are now; taken anew after training and restoring, and worth nothing in between. */
  readonly fingerprint: string
}

/** @param options.start weights to begin with, by timm's names; default the backbone's own */
export function backboneCopy(options: { backbone: Backbone; prefix: string; start?: NamedTensors }): BackboneCopy {
  const { backbone, prefix } = options
  const weights = weightsPart({ prefix, tensors: options.start ?? backbone.parameters })
  let fingerprint: string | undefined
  return {
    ...weights,
    features(images, training = false) {
      if (training) fingerprint = undefined
      return backbone.features(images, { parameters: weights.tensors(), training })
    },
    get fingerprint() {
      return (fingerprint ??= fingerprintOf(weights.tensors(), { copyOf: backbone.fingerprint }))
    },
    restore(tensors, json) {
      fingerprint = undefined
      weights.restore(tensors, json)
    },
  }
}
