import { atPrecision, createVit, initVit } from '@pilotjs/core/backbones'
import { network } from '@pilotjs/core'
import type { Precision } from '@pilotjs/core'
import { createRng } from '@pilotjs/core/random'
import { tensor4d, tidy } from '@tensorflow/tfjs-core'
import { beforeAll, expect, it } from 'vitest'
import { startEngine } from './engines'

beforeAll(() => startEngine('onnx'))

const config = { imageSize: 32, patchSize: 8, width: 64, depth: 3, heads: 2 }

async function featuresAt(precision: Precision): Promise<Float32Array> {
  const backbone = atPrecision(createVit(config, initVit(config, createRng(1)), { name: 'small' }), precision)
  const images = tensor4d(createRng(2).normals(4 * 32 * 32 * 3, 0, 1), [4, 32, 32, 3])
  const features = tidy(() => network({ backbone }).extractor.apply(images))
  const values = (await features.data()) as Float32Array
  features.dispose()
  images.dispose()
  backbone.dispose()
  return values
}

// ONNX Runtime Web has other kernels for whole numbers than ONNX Runtime.
it.each([
  ['int8', 1e-3, 0.05],
  ['fp16', 1e-6, 2e-3],
] as const)('features at %s are near those of floats, and others', async (precision, least, most) => {
  const [exact, narrow] = [await featuresAt('fp32'), await featuresAt(precision)]
  const norm = (values: Float32Array) => Math.sqrt(values.reduce((sum, v) => sum + v * v, 0))
  const off = norm(narrow.map((v, i) => v - exact[i]!)) / norm(exact)
  expect(off).toBeGreaterThan(least)
  expect(off).toBeLessThan(most)
})
