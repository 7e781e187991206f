import { expect, it } from 'vitest'
import { withTodaysNames } from './earlier-names'

it("reads the names of PILOT's earlier versions", () => {
  const earlier = { model_name: 'adam_adapter', convnet_type: 'pretrained_vit_b16_224', get_original_convnet: true }
  expect(withTodaysNames({ ...earlier, seed: [1] })).toEqual({
    model_name: 'aper_adapter',
    backbone_type: 'pretrained_vit_b16_224',
    get_original_backbone: true,
    seed: [1],
  })
})

it("leaves today's alone, and lets them count where both stand", () => {
  const today = { model_name: 'l2p', backbone_type: 'vit_base_patch16_224_l2p', optimizer: 'adam' }
  expect(withTodaysNames(today)).toEqual(today)
  expect(withTodaysNames({ convnet_type: 'resnet32', ...today })).toEqual(today)
})
