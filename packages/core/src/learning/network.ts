import { tidy } from '@tensorflow/tfjs-core'
import type { Tensor2D, Tensor4D } from '@tensorflow/tfjs-core'
import type { Backbone, ForwardOptions, Tuning } from '../contracts/backbone'
import type { FeatureExtractor } from '../contracts/features'
import type { Mode } from '../contracts/mode'
import type { NamedTensors } from '../contracts/tensors'
import { lazyFingerprint } from '../parameters/fingerprint'
import { copyOf } from '../parameters/variables'
import { type Part, weightsPart } from '../parts/part'
import { atPrecisionOf } from '../training/engine-hints'

/** Modules beside the weights of a network (PEFT): the tensors they keep, and how they reach into a forward pass. */
export interface TuningModule extends Part {
  /** The seams it uses. `mode` says whether this is a training step. */
  tuning(mode?: Mode): Tuning
}

/** A kind of parameter-efficient fine-tuning, with its options: a value that a network takes. */
export interface TuningKind {
  /** e.g. `adapter` */
  readonly name: string
  /** Makes the modules for a backbone. @throws PilotError where the backbone lacks what this kind reaches into */
  attach(backbone: Backbone): TuningModule
}

/** A backbone with what is tuned of it. */
export interface Network extends Part {
  readonly backbone: Backbone
  /** Numbers per image. */
  readonly width: number
  /** [batch, height, width, 3] → [batch, width] */
  features(images: Tensor4D, mode?: Mode): Tensor2D
  /**
   * The features between trainings. Once the network is frozen a cache may keep them; the id follows every change of weights by
   * itself.
   */
  readonly extractor: FeatureExtractor
  /** What a forward pass takes: for methods that walk through a backbone's pieces themselves. */
  forward(mode?: Mode): ForwardOptions
  /**
   * The trained copy of the backbone's weights, by timm's names; empty where there is none. Live: read them before training goes
   * on.
   */
  weights(): NamedTensors
  /** Takes the values of these weights, by timm's names. */
  load(weights: NamedTensors): void
  /** The same network with variables of its own: a teacher, a momentum copy. */
  copy(): Network
  /** From now on, and in a restored state too, nothing of it trains. */
  freeze(): void
}

export interface NetworkOptions {
  readonly backbone: Backbone
  /** What trains beside the weights, which stay as they were pre-trained. */
  readonly tuning?: TuningKind
  /** Weights that train, as a copy that starts with these values (timm's names): all of a backbone's, or some. */
  readonly weights?: NamedTensors
}

/** A backbone, and what is tuned of it: modules beside its weights, a copy of the weights, both, or (without either) nothing. */
export function network(options: NetworkOptions): Network {
  const { backbone, tuning: kind } = options
  const own = options.weights && weightsPart(options.weights)
  const weightNames = new Set(Object.keys(options.weights ?? {}))
  const ofWeights = (name: string) => weightNames.has(name)
  const modules = kind?.attach(backbone)
  const parts = [own, modules].filter((part) => part !== undefined)
  let frozen = parts.length === 0
  const variables = () => Object.assign({}, ...parts.map((part) => part.variables())) as ReturnType<Part['variables']>
  const tuned = lazyFingerprint(variables, { tuning: kind?.name ?? null })

  const fingerprint = async () => [await backbone.fingerprint(), ...(parts.length > 0 ? [await tuned()] : [])].join(':')

  const self: Network = {
    backbone,
    width: backbone.width,
    variables,
    trainable: () => (frozen ? {} : variables()),
    forward: (mode = {}) => ({
      ...(mode.training && { training: mode.training }),
      ...(own && { parameters: own.variables() }),
      ...(modules && { tuning: modules.tuning(mode) }),
    }),
    features: (images, mode) => backbone.features(images, self.forward(mode)),
    extractor: {
      get id() {
        return frozen ? fingerprint : undefined
      },
      width: backbone.width,
      apply: (images) => (frozen ? atPrecisionOf(backbone, () => self.features(images)) : self.features(images)),
    },
    weights: () => own?.variables() ?? {},
    load(weights) {
      const variables = own?.variables() ?? {}
      for (const [name, value] of Object.entries(weights)) {
        const variable = variables[name]
        if (!variable) throw new RangeError(`this network trains no weight '${name}': it cannot take a value for it`)
        tidy(() => variable.assign(copyOf(value)))
      }
    },
    copy() {
      const copied = network({ ...options, ...(own && { weights: own.variables() }) })
      copied.restore(variables(), undefined)
      return copied
    },
    freeze() {
      frozen = true
    },
    json: () => ({ frozen }),
    restore(tensors, json) {
      frozen = parts.length === 0 || (json as { frozen?: boolean } | undefined)?.frozen === true
      const pick = (wanted: (name: string) => boolean) =>
        Object.fromEntries(Object.entries(tensors).filter(([name]) => wanted(name)))
      own?.restore(pick(ofWeights), undefined)
      modules?.restore(
        pick((name) => !ofWeights(name)),
        undefined,
      )
    },
    dispose: () => parts.forEach((part) => part.dispose()),
  }
  return self
}
