import { describe, expect, it } from 'vitest'
import { resnet } from './resnet-architecture'

describe('the card of a residual network', () => {
  it.each(['resnet18', 'resnet50', 'resnet101', 'my_network'])('is taken for %s', (architecture) => {
    expect(resnet.readCard({ architecture, global_pool: 'avg', model_args: { zero_init_last: true } })).toEqual({})
  })

  // Blur pooling, deep stems and average pooling in shortcuts have no weights that would tell.
  it.each(['resnetblur50', 'resnet50d', 'resnet10t', 'resnetaa50', 'resnext50_32x4d', 'wide_resnet50_2', 'seresnet50'])(
    'is refused for %s',
    (architecture) => {
      expect(() => resnet.readCard({ architecture })).toThrow(`"${architecture}" is built otherwise`)
    },
  )

  it('is refused by what it asks for', () => {
    expect(() => resnet.readCard({ model_args: { act_layer: 'silu', output_stride: 16 } })).toThrow(
      'act_layer "silu", output_stride 16, which the residual network here does not have',
    )
  })
})
