import { createRng } from '@pilotjs/core/random'
import type { ImageSource } from '../dataset/dataset'
import { assertRgbImage } from '../images/rgb-image'
import type { RgbImage } from '../images/rgb-image'
import { applyTransforms } from '../transforms/transform'
import type { ImageTransform } from '../transforms/transform'
import { timeSlices } from './time-slices'

/** One image to be read and transformed. */
export interface LoadRequest {
  readonly source: ImageSource
  readonly index: number
  readonly transforms: readonly ImageTransform[]
  /** Of the generator that the transforms draw from: the same seed, the same image, wherever it is made. */
  readonly seed: number
  /** Aborted once nobody waits for the image any more. */
  readonly signal: AbortSignal
}

/** Reads and transforms images: in the main thread, or in worker threads (`@pilotjs/data/node`). */
export interface ImageLoader {
  load(request: LoadRequest): Promise<RgbImage>
  /** Ends its threads. A loader without any has nothing to close. */
  close?(): Promise<void>
}

/** Reads that may be under way at once, for sources that read asynchronously. */
const readers = 4

/** The loader for browsers and for small images: reads ahead while the engine computes, in slices of a few milliseconds. */
export function inProcessLoader(): ImageLoader {
  const waiting: { request: LoadRequest; resolve: (image: RgbImage) => void; reject: (reason: unknown) => void }[] = []
  let running = 0
  const turn = timeSlices()

  async function work(): Promise<void> {
    running++
    for (let next = waiting.shift(); next; next = waiting.shift()) {
      await turn()
      const { request, resolve, reject } = next
      await loadHere(request).then(resolve, reject)
    }
    running--
  }

  return {
    load: (request) =>
      new Promise((resolve, reject) => {
        waiting.push({ request, resolve, reject })
        if (running < readers) void work()
      }),
  }
}

/** Reads and transforms one image where it is called. */
export async function loadHere(request: LoadRequest): Promise<RgbImage> {
  const { source, index, transforms, seed, signal } = request
  signal.throwIfAborted()
  const image = await source.read(index)
  assertRgbImage(image, source.key(index))
  return applyTransforms(transforms, image, createRng(seed))
}
