import { describe, expect, it } from 'vitest'
import { convGeometry } from '../tfjs/kernels/conv'
import type { ConvShapes } from './convolution/geometry'
import { filterGradientStrategies, forwardStrategies, inputGradientStrategies } from './convolutions'
import { type Strategy, firstThatApplies } from './strategy'
import type { Target } from './target'

const processor: Target = { provider: 'cpu', channelBlock: 16, threads: 2 }
const page: Target = { provider: 'wasm', channelBlock: null, threads: 1 }
const gpu: Target = { provider: 'webgpu', channelBlock: null, threads: 2 }

interface Case {
  images?: number
  channels?: [number, number]
  filter?: number
  stride?: number
  frozen?: boolean
  bias?: number
}

function shapes({ images = 32, channels = [64, 64], filter = 3, stride = 1, frozen = false, bias = 0 }: Case) {
  const [inputs, outputs] = channels
  const attributes = { strides: stride, pad: 'same' as const }
  const c = convGeometry([8, images, images, inputs], [filter, filter, inputs, outputs], attributes)
  return { ...c, isFilterConstant: frozen, biasSize: bias }
}

const named = <O>(list: readonly Strategy<O, ConvShapes>[], target: Target, c: Case, without: string[] = []) =>
  firstThatApplies<O, ConvShapes, Strategy<O, ConvShapes>>(list, target, shapes(c), new Set(without))?.name

describe('the forms of a convolution', () => {
  it('are the best that the target has', () => {
    const many: Case = { channels: [128, 128] }
    expect([processor, page, gpu].map((target) => named(forwardStrategies, target, many))).toEqual([
      'winograd',
      'winograd',
      'plain',
    ])
    expect(named(forwardStrategies, processor, many, ['winograd'])).toBe('blocked')
    expect([processor, page, gpu].map((target) => named(forwardStrategies, target, {}))).toEqual([
      'blocked',
      'plain',
      'plain',
    ])
  })

  it('go by the shapes', () => {
    expect(named(forwardStrategies, processor, { filter: 1 })).toBe('pointwise')
    expect(named(forwardStrategies, processor, { channels: [3, 20] })).toBe('plain')
    expect(named(forwardStrategies, processor, { images: 4, channels: [256, 256] }, ['winograd'])).toBe('taps')
    // one number for every result is nothing that the operator adds
    expect(named(forwardStrategies, processor, { bias: 64 })).toBe('blocked')
    expect(named(forwardStrategies, processor, { bias: 1 })).toBe('plain')
  })

  it('leave constant filters to ONNX Runtime', () => {
    expect(named(forwardStrategies, processor, { frozen: true })).toBe('plain')
    expect(named(inputGradientStrategies, processor, { frozen: true })).toBe('plain')
  })

  it('have gradients for every stride', () => {
    expect(named(inputGradientStrategies, processor, { stride: 2 })).toBe('blocked')
    expect(named(inputGradientStrategies, gpu, { stride: 2 })).toBe('transposed')
    expect(named(filterGradientStrategies, processor, {})).toBe('blocked')
    expect(named(filterGradientStrategies, gpu, {})).toBe('taps')
  })
})
