import type { Backbone } from '@pilotjs/core'
import { createBackbone, inferBlueprint, preprocessingPresets } from '@pilotjs/core/backbones'
import { readBytes } from '@pilotjs/core/files'
import { readSafetensors } from '@pilotjs/core/safetensors'
import * as tf from '@tensorflow/tfjs-core'

/** The name that timm knows these weights' architecture by. */
export const architecture = 'tf_efficientnet_lite0'

/**
 * Loads the backbone that comes with this package: EfficientNet-Lite0, pre-trained on ImageNet's photographs (MODEL_CARD.md
 * says where its weights come from and what they are good for). 1,280 numbers an image; 224 pixels, scaled to −1 … 1. Works in
 * Node and in a browser, on any engine. The caller disposes it.
 *
 * @param url where the weights lie, if they are not beside this module: what `import url from
 *   '@pilotjs/efficientnet-lite0/weights.safetensors?url'` gives in Vite (esbuild: without `?url`, with the loader `file`)
 * @throws Error if the weights are missing, damaged or of another architecture
 */
export async function loadEfficientNetLite0(
  url: URL | string = new URL('../data/efficientnet-lite0.safetensors', import.meta.url),
): Promise<Backbone> {
  const weights = readSafetensors(await readBytes(url))
  try {
    const shapes = Object.fromEntries(Object.entries(weights).map(([name, { shape }]) => [name, shape]))
    return createBackbone(inferBlueprint(shapes, { card: { architecture } }), weights, {
      name: 'efficientnet-lite0',
      preprocessing: { ...preprocessingPresets.half, cropFraction: 0.875 },
    })
  } catch (error) {
    tf.dispose(weights)
    throw error
  }
}
