import type { RgbImage } from '../images/rgb-image'
import { kernelFor } from './resample-kernel'
import type { Interpolation, Kernel, Span } from './resample-kernel'

/** A rectangle inside an image, in whole pixels. */
export interface CropBox {
  readonly left: number
  readonly top: number
  readonly width: number
  readonly height: number
}

/** What is to be made of an image, and how: a pass across its rows, then one down its columns. */
export interface Passes {
  readonly image: RgbImage
  /** The part of the image whose rows and columns the kernels count from. */
  readonly source: CropBox
  /** Absent where a row's pixels stay as they are: then it has `width` of them. */
  readonly across: Kernel | undefined
  readonly width: number
  /** Absent where the rows stay as they are. */
  readonly down: Kernel | undefined
  readonly height: number
}

/**
 * @param size of the whole result, [width, height]
 * @param window which part of it is made
 * @param mirrored left to right, where there is a pass across the rows
 */
export function passesOf(
  image: RgbImage,
  box: CropBox,
  [width, height]: readonly [number, number],
  interpolation: Interpolation,
  window: CropBox,
  mirrored = false,
): Passes {
  const kernel = (from: number, to: number, span: Span) =>
    from === to ? undefined : kernelFor(from, to, span, interpolation)
  const across = kernel(box.width, width, { first: window.left, count: window.width, mirrored })
  const down = kernel(box.height, height, { first: window.top, count: window.height })
  // Only the rows that the second pass reads are made by the first.
  const first = down ? down.starts[0]! : window.top
  const last = down ? down.starts[window.height - 1]! + down.counts[window.height - 1]! : first + window.height
  return {
    image,
    source: {
      left: box.left + (across ? 0 : window.left),
      top: box.top + first,
      width: across ? box.width : window.width,
      height: last - first,
    },
    across,
    width: window.width,
    down: down && { ...down, starts: down.starts.map((start) => start - first) },
    height: window.height,
  }
}
