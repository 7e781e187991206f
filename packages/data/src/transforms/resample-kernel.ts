export type Interpolation = 'bilinear' | 'bicubic'

/** Bits behind the point of a weight: 32, less 8 of a pixel, less 2 for the overshoot of a sum (Pillow, Resample.c). */
export const PRECISION = 22
const ONE = 1 << PRECISION

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
export interface Span {
  readonly first: number
  readonly count: number
  /** The last one first. */
  readonly mirrored?: boolean
}

/** The fixed-point weights that make every pixel of a line out of a window of source pixels. */
export interface Kernel {
  /** Weights per output pixel, those beyond its window zero. */
  readonly size: number
  readonly weights: Int32Array
  readonly starts: Int32Array
  readonly counts: Int32Array
}

const kernels = new Map<string, Kernel>()

/** Kernels by sizes and filter: a fixed resize builds its pair once; random crops cycle through a bounded store. */
export function kernelFor(inputSize: number, outputSize: number, span: Span, interpolation: Interpolation): Kernel {
  const { first, count, mirrored = false } = span
  const name = `${interpolation} ${inputSize} ${outputSize} ${first} ${count} ${mirrored}`
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
  for (let at = 0; at < span.count; at++) {
    const out = span.mirrored ? span.count - 1 - at : at
    const center = (span.first + at + 0.5) * scale
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
