import { availableParallelism } from 'node:os'
import { IMAGE_BYTES, IMAGE_SIZE, quantise } from '@pilotjs/icons-100'
import sharp from 'sharp'
import { domainOf } from './domain'
import type { Icon } from './icon-sets'

/** Icons are drawn at twice the size and averaged down, which leaves room to see how they are drawn. */
export const DRAWN_SIZE = 64

/** A rendered icon. */
export interface Drawing {
  icon: Icon
  /** 32 × 32 × 3 bytes, in the 16 levels of a pack */
  image: Uint8Array
  /** index into `DOMAINS` */
  domain: number
  /** darkness of the 1,024 pixels, mean taken off and scaled to length 1: a dot product is a cosine */
  shape: Float32Array
}

/**
 * Renders icons in parallel on all cores, in order.
 *
 * @returns per icon its drawing, or `undefined` where nothing shows on white
 */
export async function render(icons: Icon[], onProgress: (done: number) => void = () => undefined) {
  // sharp renders in libuv's thread pool; one thread an image is the fastest for images this small
  sharp.concurrency(1)
  sharp.cache(false)
  const drawings = new Array<Drawing | undefined>(icons.length)
  let next = 0
  const worker = async () => {
    while (next < icons.length) {
      const i = next++
      drawings[i] = await renderOne(icons[i]!)
      if (i % 1000 === 0) onProgress(i)
    }
  }
  await Promise.all(Array.from({ length: 2 * availableParallelism() }, worker))
  return drawings
}

async function renderOne(icon: Icon): Promise<Drawing | undefined> {
  let pixels: Uint8Array
  try {
    pixels = await sharp(Buffer.from(icon.svg))
      .resize(DRAWN_SIZE, DRAWN_SIZE, { fit: 'fill' })
      .flatten({ background: '#fff' })
      .toColourspace('srgb')
      .removeAlpha()
      .raw()
      .toBuffer()
  } catch (cause) {
    throw new Error(`Cannot render ${icon.set}:${icon.name}: ${icon.svg}`, { cause })
  }
  const image = halve(pixels)
  const shape = shapeOf(image)
  return shape && { icon, image, domain: domainOf(pixels, DRAWN_SIZE), shape }
}

/** The mean of every 2 × 2 pixels, in the levels of a pack. */
function halve(pixels: Uint8Array): Uint8Array {
  const image = new Uint8Array(IMAGE_BYTES)
  const row = DRAWN_SIZE * 3
  for (let y = 0; y < IMAGE_SIZE; y++) {
    for (let x = 0; x < IMAGE_SIZE; x++) {
      for (let c = 0; c < 3; c++) {
        const from = 2 * y * row + 6 * x + c
        const sum = pixels[from]! + pixels[from + 3]! + pixels[from + row]! + pixels[from + row + 3]!
        image[(y * IMAGE_SIZE + x) * 3 + c] = quantise(sum / 4)
      }
    }
  }
  return image
}

/** The unit vector of an image's darkness, or `undefined` when fewer than about five pixels of it are dark. */
function shapeOf(image: Uint8Array): Float32Array | undefined {
  const shape = new Float32Array(IMAGE_SIZE * IMAGE_SIZE)
  let ink = 0
  for (let p = 0; p < shape.length; p++) {
    shape[p] = 1 - (image[3 * p]! + image[3 * p + 1]! + image[3 * p + 2]!) / 765
    ink += shape[p]!
  }
  if (ink < 5) return undefined
  const mean = ink / shape.length
  let square = 0
  for (let p = 0; p < shape.length; p++) square += (shape[p]! -= mean) ** 2
  if (square < 1) return undefined
  const scale = 1 / Math.sqrt(square)
  for (let p = 0; p < shape.length; p++) shape[p]! *= scale
  return shape
}
