import { PilotError, selectEngine } from '@pilotjs/core'
import { readBytes } from '@pilotjs/core/files'
import type { RgbImage } from '@pilotjs/data'
import { rgbOfPixels } from './images/rgb-of-pixels'
import type { Platform } from './platform'

/** What the browser decodes and draws; works in a page and in a worker. */
export const webPlatform: Platform = {
  startEngine: () => selectEngine('auto'),
  decodeFile: async (place) => decode(new Blob([(await readBytes(place)) as Uint8Array<ArrayBuffer>])),
  decodeBytes: (bytes) => decode(bytes instanceof Blob ? bytes : new Blob([bytes as Uint8Array<ArrayBuffer>])),
  draw: (image) => Promise.resolve(drawn(image as CanvasImageSource)),
  read: (place) => readBytes(place),
  write: () =>
    Promise.reject(
      new PilotError('no-files', 'a page cannot write files: call save() without a place, and keep the bytes it gives'),
    ),
}

async function decode(blob: Blob): Promise<RgbImage> {
  let bitmap: ImageBitmap
  try {
    bitmap = await createImageBitmap(blob, { imageOrientation: 'from-image', colorSpaceConversion: 'none' })
  } catch (cause) {
    throw new PilotError(
      'unreadable-image',
      `an image of ${blob.size} bytes${blob.type === '' ? '' : ` (${blob.type})`} cannot be decoded: it is damaged, or of a kind that this browser does not read`,
      { bytes: blob.size, type: blob.type },
      { cause },
    )
  }
  try {
    return drawn(bitmap)
  } finally {
    bitmap.close()
  }
}

/** The pixels of what can be drawn, in its own size: of images and videos that of their file, not of their place in the page. */
function drawn(source: CanvasImageSource): RgbImage {
  const sizes = source as unknown as Readonly<Record<string, number | undefined>>
  const width = sizes.naturalWidth ?? sizes.videoWidth ?? sizes.width ?? 0
  const height = sizes.naturalHeight ?? sizes.videoHeight ?? sizes.height ?? 0
  if (!(width > 0 && height > 0))
    throw new PilotError('unknown-image', 'there is nothing to see yet: wait until the image or video has loaded')
  const canvas = canvasOf(width, height)
  const context = canvas.getContext('2d', { willReadFrequently: true }) as
    CanvasRenderingContext2D | OffscreenCanvasRenderingContext2D
  context.drawImage(source, 0, 0, width, height)
  return rgbOfPixels(context.getImageData(0, 0, width, height))
}

function canvasOf(width: number, height: number): HTMLCanvasElement | OffscreenCanvas {
  if (typeof OffscreenCanvas !== 'undefined') return new OffscreenCanvas(width, height)
  return Object.assign(document.createElement('canvas'), { width, height })
}
