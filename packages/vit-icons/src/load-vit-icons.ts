import { createVit } from '@pilotjs/core/backbones'
import { readBytes } from '@pilotjs/core/files'
import { readSafetensors } from '@pilotjs/core/safetensors'
import type { TransformerBackbone } from '@pilotjs/core'
import type { VitConfig } from '@pilotjs/core/backbones'

/** The architecture of the embedded backbone. */
export const vitIconsConfig: VitConfig = { imageSize: 32, patchSize: 4, width: 128, depth: 6, heads: 4 }

/**
 * Loads the backbone that comes with this package: a small vision transformer for 32-pixel images, pre-trained on icons
 * (MODEL_CARD.md says on which, how, and what it is not good for). Works in Node and in a browser, on any engine. The
 * caller disposes it.
 *
 * @param url where the weights lie, if they are not beside this module: what `import url from
 *   '@pilotjs/vit-icons/weights.safetensors?url'` gives in Vite (esbuild: without `?url`, with the loader `file`)
 * @throws Error if the weights are missing, damaged or of another architecture
 */
export async function loadVitIcons(
  url: URL | string = new URL('../data/vit-icons.safetensors', import.meta.url),
): Promise<TransformerBackbone> {
  const weights = readSafetensors(await readBytes(url))
  // timm's data config for weights trained on −1 … 1: no resizing or cropping at 32 pixels
  return createVit(vitIconsConfig, weights, { name: 'vit-icons' })
}
