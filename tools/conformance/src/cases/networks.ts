import { createResnet, createVit, initResnet, initVit } from '@pilotjs/core/backbones'
import { createVariables } from '@pilotjs/core/parameters'
import { createRng } from '@pilotjs/core/random'
import { gradientsOf } from '@pilotjs/core/training'
import type { Backbone, NamedTensors } from '@pilotjs/core'
import { abs, add, dispose, keep, mul, sum, tensor1d, tidy } from '@tensorflow/tfjs-core'
import type { Scalar, Tensor, Tensor4D } from '@tensorflow/tfjs-core'
import type { ConformanceCase } from '../case'
import { sample } from '../samples'

/** Initial weights hardly let the image through: linear ones are larger here. */
const louder = (weights: NamedTensors): NamedTensors =>
  Object.fromEntries(
    Object.entries(weights).map(([name, weight]) => {
      const scaled = tidy(() =>
        weight.rank === 2 && name.endsWith('.weight') ? mul(weight, 20 / Math.sqrt(weight.shape[1]!)) : weight.clone(),
      )
      weight.dispose()
      return [name, scaled]
    }),
  )

/** Features of images, and the gradients of Σ r · features by some of the weights. */
function network(name: string, create: () => Backbone, imageSize: number, trained: readonly string[]): ConformanceCase {
  return {
    name,
    tolerance: 5e-5,
    run() {
      const backbone = create()
      const named = trained.map((weight) => [weight, backbone.parameters[weight]!] as const)
      const parameters = createVariables(Object.fromEntries(named))
      const results = tidy((): Record<string, Tensor> => {
        const images = sample<Tensor4D>([3, imageSize, imageSize, 3], 5)
        const features = backbone.features(images)
        const loss = () => sum(mul(backbone.features(images, { parameters }), sample(features.shape, 6))) as Scalar
        const { gradients } = gradientsOf(loss, parameters)
        const kept = Object.entries(gradients).map(([weight, gradient]) => [`d ${weight}`, keep(gradient)] as const)
        return { features: keep(features.clone()), ...Object.fromEntries(kept) }
      })
      dispose(Object.values(parameters))
      backbone.dispose()
      return results
    },
  }
}

/** Nothing left at its initial value, so that batch norms matter. */
const shifted = (weights: NamedTensors): NamedTensors =>
  Object.fromEntries(
    Object.entries(weights).map(([name, weight], i) => {
      const moved = tidy(() =>
        weight.rank === 4 ? weight.clone() : add(abs(weight), tensor1d(createRng(i).uniforms(weight.size, 0.1, 1))),
      )
      weight.dispose()
      return [name, moved]
    }),
  )

const vit = { imageSize: 16, patchSize: 4, width: 24, depth: 2, heads: 3 }
const bottleneck = { layout: 'imagenet', blocks: [1, 2], block: 'bottleneck', channels: 2, imageSize: 32 } as const
const cifar = { layout: 'cifar', blocks: [1, 2], channels: 4, imageSize: 8 } as const

/** Whole backbones, forwards and backwards. */
export const networks: readonly ConformanceCase[] = [
  network('transformer', () => createVit(vit, louder(initVit(vit, createRng(1)))), 16, [
    'patch_embed.proj.weight',
    'pos_embed',
    'blocks.0.attn.qkv.weight',
    'blocks.1.mlp.fc2.bias',
    'norm.weight',
  ]),
  network('residual network', () => createResnet(bottleneck, shifted(initResnet(bottleneck, createRng(2)))), 32, [
    'conv1.weight',
    'layer2.0.downsample.0.weight',
    'layer2.1.bn3.weight',
  ]),
  network('residual network for small images', () => createResnet(cifar, shifted(initResnet(cifar, createRng(3)))), 8, [
    'conv_1_3x3.weight',
  ]),
]
