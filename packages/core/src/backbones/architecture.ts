import type { z } from 'zod'
import type { Backbone, BackboneMeta } from '../contracts/backbone'
import type { NamedTensors } from '../contracts/tensors'
import type { Rng } from '../random/rng'

/** Name → shape, by timm's names and in torch's layouts. */
export type WeightShapes = Readonly<Record<string, readonly number[]>>

/** What a model's own `config.json` says beside its weights, as timm writes it. */
export interface TimmCard {
  /** e.g. `vit_base_patch16_224` */
  readonly architecture?: string
  readonly global_pool?: string
  /** Side of the square images that it was trained or is evaluated on, in pixels: not every network's weights tell it. */
  readonly imageSize?: number
  /** Arguments with which the architecture departs from what its name stands for. */
  readonly model_args?: Readonly<Record<string, unknown>>
}

/**
 * A family of networks as a value: everything that the house must know of it stands in its own file, and it becomes known
 * by an entry in the list `architectures`.
 */
export interface Architecture<Config extends object = object> {
  /** e.g. `vit` */
  readonly name: string
  /** What it is called in a sentence: "a vision transformer". */
  readonly noun: string
  /** Checks a config and fills in its defaults. */
  readonly configSchema: z.ZodType<Config>
  /**
   * The network with these weights. It takes the tensors over; those that `ignores` accepts are disposed.
   * @throws Error that names missing, unknown and misshapen weights
   */
  create(config: Config, parameters: NamedTensors, meta?: BackboneMeta): Backbone
  /** Fresh weights. */
  initialize(config: Config, rng: Rng): NamedTensors
  /** Name and shape of every weight, in timm's order. */
  weightShapes(config: Config): Record<string, number[]>
  /** Side of the square input in pixels, and numbers per image. */
  sizes(config: Config): { readonly imageSize: number; readonly width: number }
  /** Names of weights that always tell this family, e.g. `patch_embed.proj.weight`. */
  readonly landmarks: readonly string[]
  /**
   * The config that weights belong to, by their names and shapes.
   * @param known what is known better, from a `config.json` or a caller
   * @returns undefined where these are no weights of this family
   * @throws Error that names what is missing, ambiguous or not modelled
   */
  infer(shapes: WeightShapes, known?: Partial<Config>): Config | undefined
  /**
   * What a `config.json` tells of the config.
   * @throws Error that names each argument that asks for what is not modelled here
   */
  readCard(card: TimmCard): Partial<Config>
  /** Whether a weight has no part in features: classification heads, what only pre-training needs. */
  ignores(name: string): boolean
}

/** A network's build, without its weights. */
export interface Blueprint {
  readonly architecture: Architecture
  readonly config: object
}

/** @throws ZodError for a config that is none of this architecture's */
export function blueprint<Config extends object>(architecture: Architecture<Config>, config: Config): Blueprint {
  return { architecture, config }
}

/** The backbone of a blueprint and weights, which it takes over. */
export const createBackbone = (
  { architecture, config }: Blueprint,
  parameters: NamedTensors,
  meta?: BackboneMeta,
): Backbone => architecture.create(config, parameters, meta)

/** Name and shape of every weight. */
export const weightShapes = ({ architecture, config }: Blueprint): Record<string, number[]> =>
  architecture.weightShapes(config)

/** Side of the input in pixels, and numbers per image. */
export const sizesOf = ({ architecture, config }: Blueprint): { readonly imageSize: number; readonly width: number } =>
  architecture.sizes(config)

/** The same build for images of another size. */
export const resized = ({ architecture, config }: Blueprint, imageSize: number): Blueprint => ({
  architecture,
  config: { ...config, imageSize },
})
