import { backboneCopy, fingerprintOf, isTransformer } from '@pilotjs/core'
import type { Backbone, FeatureExtractor, Part, Rng, TransformerBackbone } from '@pilotjs/core'
import type { Tensor2D, Tensor4D } from '@tensorflow/tfjs-core'
import { adapters } from './adapters'
import type { PeftModule } from './module'
import { scaleAndShift } from './scale-and-shift'
import { visualPrompts } from './visual-prompts'

/** What of a network changes when it is adapted: small modules beside the frozen weights, or (`finetune`) the weights themselves. */
export const tuningKinds = ['adapter', 'ssf', 'vpt-deep', 'vpt-shallow', 'finetune'] as const
export type TuningKind = (typeof tuningKinds)[number]

export interface TunedBackboneOptions {
  backbone: Backbone
  tuning: TuningKind
  /** Put before the names of what is trained, e.g. `backbone.`. */
  prefix: string
  rng: Rng
  /** Of adapters. */
  bottleneck: number
  dropout: number
  /** Of VPT. */
  promptLength: number
}

/** A backbone and what is tuned of it. */
export interface TunedBackbone extends Part {
  /**
   * [batch, height, width, 3] → [batch, width]
   * @param training given while training: what only training does (dropout) is drawn from it
   */
  features(images: Tensor4D, training?: Rng): Tensor2D
  /** Names the backbone and what was tuned, as they are now: features of equal fingerprints are equal. */
  readonly fingerprint: string
  /** The features once nothing trains any more: a cache may keep them. */
  readonly extractor: FeatureExtractor
}

/** A vision transformer, or an error that says who wants one. */
export function requireTransformer(backbone: Backbone, who: string): TransformerBackbone {
  if (isTransformer(backbone)) return backbone
  throw new TypeError(
    `${who} reaches into a vision transformer, but ${backbone.name} (${backbone.architecture}) is none: choose a vit backbone`,
  )
}

export function tunedBackbone(options: TunedBackboneOptions): TunedBackbone {
  const { backbone, tuning, prefix } = options
  const part =
    tuning === 'finetune' ? copyOf(backbone, prefix) : tuningModule(requireTransformer(backbone, tuning), options)
  let fingerprint: string | undefined
  const tuned: TunedBackbone = {
    variables: part.variables,
    features(images, training) {
      if (training) fingerprint = undefined
      return part.features(images, training)
    },
    get fingerprint() {
      return (fingerprint ??= fingerprintOf(part.variables(), { backbone: backbone.fingerprint, tuning }))
    },
    restore(tensors, json) {
      fingerprint = undefined
      part.restore(tensors, json)
    },
    extractor: {
      get id() {
        return tuned.fingerprint
      },
      width: backbone.width,
      apply: (images) => part.features(images),
    },
    dispose: part.dispose,
  }
  return tuned
}

type Tuned = Omit<TunedBackbone, 'fingerprint' | 'extractor'>

function copyOf(backbone: Backbone, prefix: string): Tuned {
  const copy = backboneCopy({ backbone, prefix })
  return { ...copy, features: (images, training) => copy.features(images, training !== undefined) }
}

function tuningModule(backbone: TransformerBackbone, options: TunedBackboneOptions): Tuned {
  const { prefix, rng, bottleneck, dropout, promptLength, tuning } = options
  const { width, depth } = backbone
  const build = (): PeftModule => {
    if (tuning === 'adapter') return adapters({ width, depth, bottleneck, dropout, prefix, rng })
    if (tuning === 'ssf') {
      const hidden = backbone.parameters['blocks.0.mlp.fc1.weight']!.shape[0]!
      return scaleAndShift({ width, depth, hidden, prefix, rng })
    }
    return visualPrompts({
      width,
      depth,
      length: promptLength,
      kind: tuning === 'vpt-deep' ? 'deep' : 'shallow',
      prefix,
    })
  }
  const peft = build()
  return { ...peft, features: (images, training) => backbone.features(images, { tuning: peft.tuning(training) }) }
}
