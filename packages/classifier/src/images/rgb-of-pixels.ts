import { PilotError } from '@pilotjs/core'
import type { RgbImage } from '@pilotjs/data'
import type { Tensor3D } from '@tensorflow/tfjs-core'
import type { PixelImage } from './classifier-image'

/** Pixels of three or four bytes as an image that is nobody else's; a fourth byte is left out. */
export function rgbOfPixels({ width, height, data }: PixelImage): RgbImage {
  const pixels = width * height
  if (data.length === pixels * 3) return { width, height, data: new Uint8Array(data) }
  if (data.length !== pixels * 4 || pixels === 0)
    throw new PilotError(
      'unknown-image',
      `pixels of ${width} × ${height} take ${pixels * 3} or ${pixels * 4} bytes, got ${data.length}`,
      { width, height, bytes: data.length },
    )
  const rgb = new Uint8Array(pixels * 3)
  for (let from = 0, to = 0; from < data.length; from += 4, to += 3) {
    rgb[to] = data[from]!
    rgb[to + 1] = data[from + 1]!
    rgb[to + 2] = data[from + 2]!
  }
  return { width, height, data: rgb }
}

/** A tensor [height, width, 3], int32 of 0 … 255 or float32 of 0 … 1. It stays the caller's. */
export async function rgbOfTensor(tensor: Tensor3D): Promise<RgbImage> {
  const { shape, dtype } = tensor
  const [height, width, channels] = shape
  if (shape.length !== 3 || channels !== 3 || height * width === 0 || (dtype !== 'int32' && dtype !== 'float32'))
    throw new PilotError(
      'unknown-image',
      `a tensor [${shape.join(', ')}] of ${dtype} is no image: give [height, width, 3], int32 of 0 … 255 or float32 of 0 … 1`,
      { shape, dtype },
    )
  const scale = dtype === 'float32' ? 255 : 1
  // Clamped arrays round as they are filled.
  const data = Uint8ClampedArray.from(await tensor.data(), (value) => value * scale)
  return { width, height, data: new Uint8Array(data.buffer) }
}
