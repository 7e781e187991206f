import type { Backbone } from '../contracts/backbone'
import type { NamedTensors } from '../contracts/tensors'
import { createResnet } from '../backbones/resnet'
import { type ResnetConfig, resnetSpec, resnetWeightShapes } from '../backbones/resnet-config'
import { type BackboneMeta, createVit } from '../backbones/vit'
import { type VitConfig, vitShape, vitWeightShapes } from '../backbones/vit-config'

/** A backbone's build, without its weights. */
export type Architecture =
  { readonly kind: 'vit'; readonly config: VitConfig } | { readonly kind: 'resnet'; readonly config: ResnetConfig }

/** The backbone of an architecture and weights; see `createVit` and `createResnet`. */
export function createBackbone(architecture: Architecture, parameters: NamedTensors, meta?: BackboneMeta): Backbone {
  return architecture.kind === 'vit'
    ? createVit(architecture.config, parameters, meta)
    : createResnet(architecture.config, parameters, meta)
}

/** Name and shape of every weight. */
export function weightShapes(architecture: Architecture): Record<string, number[]> {
  return architecture.kind === 'vit' ? vitWeightShapes(architecture.config) : resnetWeightShapes(architecture.config)
}

/** Side of the input in pixels. */
export const imageSizeOf = ({ kind, config }: Architecture): number =>
  kind === 'vit' ? config.imageSize : resnetSpec(config).imageSize

/** Numbers per image. */
export const widthOf = ({ kind, config }: Architecture): number =>
  kind === 'vit' ? vitShape(config).width : resnetSpec(config).width

/** The same architecture for images of another size. */
export function resized(architecture: Architecture, imageSize: number): Architecture {
  return architecture.kind === 'vit'
    ? { kind: 'vit', config: { ...architecture.config, imageSize } }
    : { kind: 'resnet', config: { ...architecture.config, imageSize } }
}
