import type { RgbImage } from '../images/rgb-image'

export type Interpolation = 'bilinear' | 'bicubic'

/** A rectangle inside an image, in whole pixels. */
export interface CropBox {
  readonly left: number
  readonly top: number
  readonly width: number
  readonly height: number
}

/** Bits behind the point of a weight: 32, less 8 of a pixel, less 2 for the overshoot of a sum (Pillow, Resample.c). */
const PRECISION = 22
const ONE = 1 << PRECISION
const HALF = 1 << (PRECISION - 1)

const filters: Record<Interpolation, { readonly support: number; readonly weight: (x: number) => number }> = {
  bilinear: { support: 1, weight: (x) => Math.max(0, 1 - Math.abs(x)) },
  bicubic: { support: 2, weight: (x) => cubic(Math.abs(x)) },
}

/** Keys' cubic kernel with a = −0.5, in the order of operations that Pillow evaluates it in. */
function cubic(x: number): number {
  const a = -0.5
  if (x < 1) return ((a + 2) * x - (a + 3)) * x * x + 1
  if (x < 2) return (((x - 5) * x + 8) * x - 4) * a
  return 0
}

/** Which pixels of a line are made. */
interface Span {
  readonly first: number
  readonly count: number
}

/** The fixed-point weights that make every pixel of a line out of a window of source pixels. */
interface Kernel {
  /** Weights per output pixel, those beyond its window zero. */
  readonly size: number
  readonly weights: Int32Array
  readonly starts: Int32Array
  readonly counts: Int32Array
}

/** A fixed-point sum to a byte. */
function toByte(sum: number): number {
  const value = sum >> PRECISION
  return value < 0 ? 0 : value > 255 ? 255 : value
}

const kernels = new Map<string, Kernel>()

/** Kernels by sizes and filter: a fixed resize builds its pair once; random crops cycle through a bounded store. */
function kernelFor(inputSize: number, outputSize: number, span: Span, interpolation: Interpolation): Kernel {
  const name = `${interpolation} ${inputSize} ${outputSize} ${span.first} ${span.count}`
  let kernel = kernels.get(name)
  if (!kernel) {
    if (kernels.size >= 256) kernels.delete(kernels.keys().next().value!)
    kernel = buildKernel(inputSize, outputSize, span, interpolation)
    kernels.set(name, kernel)
  }
  return kernel
}

function buildKernel(inputSize: number, outputSize: number, span: Span, interpolation: Interpolation): Kernel {
  const filter = filters[interpolation]
  const scale = inputSize / outputSize
  // Antialiasing: when shrinking, the filter widens to cover all source pixels.
  const filterScale = Math.max(scale, 1)
  const support = filter.support * filterScale
  const size = Math.ceil(support) * 2 + 1
  const inverse = 1 / filterScale
  const weights = new Int32Array(span.count * size)
  const starts = new Int32Array(span.count)
  const counts = new Int32Array(span.count)
  const exact = new Float64Array(size)
  for (let out = 0; out < span.count; out++) {
    const center = (span.first + out + 0.5) * scale
    const start = Math.max(0, Math.trunc(center - support + 0.5))
    const count = Math.min(inputSize, Math.trunc(center + support + 0.5)) - start
    let sum = 0
    for (let i = 0; i < count; i++) {
      exact[i] = filter.weight((i + start - center + 0.5) * inverse)
      sum += exact[i]!
    }
    for (let i = 0; i < count; i++) {
      const weight = (sum === 0 ? exact[i]! : exact[i]! / sum) * ONE
      weights[out * size + i] = Math.trunc(weight < 0 ? weight - 0.5 : weight + 0.5)
    }
    starts[out] = start
    counts[out] = count
  }
  return { size, weights, starts, counts }
}

/**
 * The box of an image, resized with antialiasing: bit for bit what Pillow's `image.crop(box).resize(size, filter)` gives for RGB
 * (two passes, horizontal first, each rounded to bytes; weights in fixed point).
 * @param box inside the image; pixels outside it count for nothing
 * @param window which part of the result is made: the same bytes as of all of it, for less work. Default all.
 */
export function resample(
  image: RgbImage,
  box: CropBox,
  width: number,
  height: number,
  interpolation: Interpolation,
  window: CropBox = { left: 0, top: 0, width, height },
): RgbImage {
  const down: Span = { first: window.top, count: window.height }
  const rows = height === box.height ? undefined : kernelFor(box.height, height, down, interpolation)
  // Only the rows that the vertical pass reads are made by the horizontal one.
  const first = rows ? rows.starts[0]! : window.top
  const last = rows ? rows.starts[window.height - 1]! + rows.counts[window.height - 1]! : window.top + window.height
  const across: Span = { first: window.left, count: window.width }
  const strip: RgbImage = horizontal(
    image,
    { ...box, top: box.top + first, height: last - first },
    width,
    across,
    interpolation,
  )
  return rows ? vertical(strip, rows, first, window.height) : strip
}

function horizontal(
  image: RgbImage,
  box: CropBox,
  outputWidth: number,
  span: Span,
  interpolation: Interpolation,
): RgbImage {
  const { data } = image
  const width = span.count
  const out = new Uint8Array(width * box.height * 3)
  const rowBytes = image.width * 3
  if (outputWidth === box.width) {
    for (let y = 0; y < box.height; y++) {
      const from = (box.top + y) * rowBytes + (box.left + span.first) * 3
      out.set(data.subarray(from, from + width * 3), y * width * 3)
    }
    return { width, height: box.height, data: out }
  }
  const { size, weights, starts, counts } = kernelFor(box.width, outputWidth, span, interpolation)
  let to = 0
  for (let y = 0; y < box.height; y++) {
    const row = (box.top + y) * rowBytes + box.left * 3
    for (let x = 0; x < width; x++) {
      let red = HALF
      let green = HALF
      let blue = HALF
      let at = row + starts[x]! * 3
      let weightAt = x * size
      for (const end = weightAt + counts[x]!; weightAt < end; weightAt++) {
        const weight = weights[weightAt]!
        red = (red + Math.imul(data[at]!, weight)) | 0
        green = (green + Math.imul(data[at + 1]!, weight)) | 0
        blue = (blue + Math.imul(data[at + 2]!, weight)) | 0
        at += 3
      }
      out[to] = toByte(red)
      out[to + 1] = toByte(green)
      out[to + 2] = toByte(blue)
      to += 3
    }
  }
  return { width, height: box.height, data: out }
}

function vertical(strip: RgbImage, kernel: Kernel, first: number, height: number): RgbImage {
  const rowBytes = strip.width * 3
  const { data } = strip
  const { size, weights, starts, counts } = kernel
  const out = new Uint8Array(rowBytes * height)
  // Over a line of sums, four source rows at a time: each is read in order, and the sums are touched a quarter as often.
  const sums = new Int32Array(rowBytes)
  for (let y = 0; y < height; y++) {
    sums.fill(HALF)
    let from = (starts[y]! - first) * rowBytes
    let at = y * size
    for (const end = at + counts[y]!; at < end;) {
      if (end - at >= 4) {
        addFour(sums, data, from, weights[at]!, weights[at + 1]!, weights[at + 2]!, weights[at + 3]!)
        at += 4
        from += 4 * rowBytes
      } else {
        const weight = weights[at]!
        for (let x = 0; x < rowBytes; x++) sums[x] = sums[x]! + Math.imul(data[from + x]!, weight)
        at++
        from += rowBytes
      }
    }
    const to = y * rowBytes
    for (let x = 0; x < rowBytes; x++) out[to + x] = toByte(sums[x]!)
  }
  return { width: strip.width, height, data: out }
}

/** Adds four neighbouring rows, each times its weight. */
function addFour(
  sums: Int32Array,
  data: RgbImage['data'],
  first: number,
  w0: number,
  w1: number,
  w2: number,
  w3: number,
): void {
  const { length } = sums
  const second = first + length
  const third = second + length
  const fourth = third + length
  for (let x = 0; x < length; x++) {
    sums[x] =
      (sums[x]! +
        Math.imul(data[first + x]!, w0) +
        Math.imul(data[second + x]!, w1) +
        Math.imul(data[third + x]!, w2) +
        Math.imul(data[fourth + x]!, w3)) |
      0
  }
}
