import { RawImage, env, pipeline } from '@huggingface/transformers'
import type { ImageFeatureExtractionPipeline } from '@huggingface/transformers'
import { images, noise } from './work'
import type { Size } from './work'

// The same work in transformers.js, from models that lie beside the page.

env.allowRemoteModels = false
env.allowLocalModels = true
env.localModelPath = '/models/'
env.useBrowserCache = false

const sides: Record<Size, number> = { 'vit-32': 32, 'vit-224': 224 }
const pipelines = new Map<Size, ImageFeatureExtractionPipeline>()

async function start(): Promise<void> {
  Object.assign(env.backends.onnx.wasm!, { numThreads: 1, wasmPaths: '/transformers/' })
  for (const size of Object.keys(sides) as Size[])
    pipelines.set(size, await pipeline('image-feature-extraction', size, { device: 'wasm', dtype: 'fp32' }))
}

async function run(name: string): Promise<number> {
  const size = name.replace('features of ', '') as Size
  const side = sides[size]
  const pixels = noise(side, images)
  const each = side * side * 3
  const loose = Array.from(
    { length: images },
    (_, i) => new RawImage(new Uint8ClampedArray(pixels.subarray(i * each, (i + 1) * each)), side, side, 3),
  )
  const result = await pipelines.get(size)!(loose)
  result.dispose()
  return images
}

Object.assign(globalThis, { bench: { start, run } })
