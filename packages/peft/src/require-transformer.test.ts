import { createVit, initVit } from '@pilotjs/core/backbones'
import { createRng } from '@pilotjs/core/random'
import { describe, expect, it } from 'vitest'
import { requireTransformer } from './require-transformer'

describe('requireTransformer', () => {
  it('gives a transformer back, and names whoever wants one of another kind', () => {
    const config = { imageSize: 8, patchSize: 4, width: 8, depth: 1, heads: 2 }
    const vit = createVit(config, initVit(config, createRng(1)))
    expect(requireTransformer(vit, 'EASE')).toBe(vit)
    const resnet = { ...vit, architecture: 'resnet', name: 'resnet18' }
    delete (resnet as { tokens?: unknown }).tokens
    const message = /EASE reaches into a vision transformer, but resnet18 \(resnet\) is none/
    expect(() => requireTransformer(resnet, 'EASE')).toThrow(message)
    expect(() => requireTransformer(resnet, 'EASE')).toThrow(expect.objectContaining({ code: 'needs-transformer' }))
    vit.dispose()
  })
})
