import { expect, it } from 'vitest'
import { hubAddress } from './hub-address'

it.each([
  ['hf:timm/resnet18.a1_in1k', { repository: 'timm/resnet18.a1_in1k' }],
  ['hf-hub:owner/name', { repository: 'owner/name' }],
  ['hf://owner/name@v1.0', { repository: 'owner/name', revision: 'v1.0' }],
  ['timm/vit_base_patch16_224.mae', { repository: 'timm/vit_base_patch16_224.mae' }],
  ['https://huggingface.co/timm/resnet18.a1_in1k', { repository: 'timm/resnet18.a1_in1k' }],
  ['huggingface.co/timm/resnet18.a1_in1k/', { repository: 'timm/resnet18.a1_in1k' }],
  ['https://hf.co/owner/name/tree/v2', { repository: 'owner/name', revision: 'v2' }],
  [
    'https://huggingface.co/owner/name/blob/main/sub/model.safetensors?download=true',
    { repository: 'owner/name', revision: 'main', path: 'sub/model.safetensors' },
  ],
])('%s is a place on the Hub', (text, expected) => {
  expect(hubAddress(text)).toEqual(expected)
})

it.each(['vit_base_patch16_224', 'weights/model.safetensors', 'hf:name', 'https://example.org/a/b', 'hf:../..'])(
  '%s is none',
  (text) => {
    expect(hubAddress(text)).toBeUndefined()
  },
)
