import type { RgbImage } from '../images/rgb-image'
import { get, i16x8, i32, i32x4, i8x16, increase, repeat, set, v128, wasmFunction, wasmModule } from '../simd/assembler'
import type { Code } from '../simd/assembler'
import { instantiate } from '../simd/instantiate'
import type { WasmMemory } from '../simd/instantiate'
import { PRECISION } from './resample-kernel'
import type { Kernel } from './resample-kernel'
import type { Passes } from './resample-passes'

/*
 * The sums of a pass in WebAssembly's vectors. A weight has more bits than the 16 that products of neighbours take, so that it
 * goes in two parts, weight = 4096 · high + low, and so do the sums; put together again modulo 2³² they are the sums of the whole
 * weights, to the bit.
 */
const LOW_BITS = 12

/** A pair of taps in memory: both weights' high parts, and both low ones. */
const PAIR_BYTES = 8
/** How far beyond an area's end vectors read (whose values are then multiplied by 0) or write. */
const MARGIN = 32
/** Source rows that are brought in at once: what stays in a core's own cache. */
const SOURCE_BYTES = 2 ** 18
/** Where lines are so long that more memory would be needed, JavaScript does it. */
const MOST_BYTES = 2 ** 26
const PAGE = 2 ** 16

/** Adds a vector of pixels, two taps each, to a pair of sums; the weights stand at `weights`. */
const addTaps = (high: number, low: number, pixels: Code, weights: readonly [high: Code, low: Code]): Code => [
  ...set(high, i32x4.add(get(high), i32x4.dot(pixels, weights[0]))),
  ...set(low, i32x4.add(get(low), i32x4.dot(pixels, weights[1]))),
]

/** A half in the sums' fixed point, so that cutting off rounds. */
const half = i32x4.splat(i32.const(1 << (PRECISION - 1)))
const whole = (high: number, low: number): Code =>
  i32x4.shiftRight(i32x4.add(i32x4.shiftLeft(get(high), i32.const(LOW_BITS)), get(low)), i32.const(PRECISION))
const bytesOf = (a: Code, b: Code, c: Code, d: Code): Code =>
  i8x16.narrowUnsigned(i16x8.narrowSigned(a, b), i16x8.narrowSigned(c, d))

/** Lanes of two neighbouring RGB pixels as 16-bit numbers: r r g g b b 0 0. Lanes from 8 on are zeros. */
const neighbours: Code = [0, 8, 3, 8, 1, 8, 4, 8, 2, 8, 5, 8, 8, 8, 8, 8]

/** For every row and every pixel of it, the sums of its taps. `starts` holds byte offsets within a source row. */
const horizontal = wasmFunction(
  'horizontal',
  {
    parameters: ['source', 'sourceStride', 'target', 'rows', 'columns', 'starts', 'weights', 'pairs'],
    numbers: ['row', 'column', 'pair', 'start', 'at', 'weight'],
    vectors: ['pixels', 'high', 'low'],
  },
  (l) => [
    repeat(
      l.row,
      get(l.rows),
      set(l.start, get(l.starts)),
      set(l.weight, get(l.weights)),
      repeat(
        l.column,
        get(l.columns),
        set(l.at, i32.add(get(l.source), i32.load(get(l.start)))),
        set(l.high, v128.zero),
        set(l.low, half),
        repeat(
          l.pair,
          get(l.pairs),
          set(l.pixels, v128.load64Zero(get(l.at))),
          set(l.pixels, i8x16.shuffle(neighbours, get(l.pixels), get(l.pixels))),
          addTaps(l.high, l.low, get(l.pixels), [v128.load32Splat(get(l.weight)), v128.load32Splat(get(l.weight), 4)]),
          increase(l.at, i32.const(6)),
          increase(l.weight, i32.const(PAIR_BYTES)),
        ),
        set(l.high, whole(l.high, l.low)),
        // The fourth byte is the next pixel's, which comes right after.
        v128.storeFirst32(get(l.target), bytesOf(get(l.high), get(l.high), get(l.high), get(l.high))),
        increase(l.target, i32.const(3)),
        increase(l.start, i32.const(4)),
      ),
      increase(l.source, get(l.sourceStride)),
    ),
  ],
)

const interleaveLow: Code = [0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23]
const interleaveHigh: Code = interleaveLow.map((lane) => lane + 8)

/** For every row, 16 bytes at a time, the sums of its taps, which are rows. `starts` holds byte offsets of the first ones. */
const vertical = wasmFunction(
  'vertical',
  {
    parameters: ['source', 'stride', 'target', 'rows', 'blocks', 'starts', 'weights', 'pairs', 'weightBytes'],
    numbers: ['row', 'block', 'pair', 'from', 'to', 'at', 'weight'],
    vectors: ['upper', 'lower', 'mixed', 'wHigh', 'wLow', 'h0', 'h1', 'h2', 'h3', 'l0', 'l1', 'l2', 'l3'],
  },
  (l) => {
    const sums = [
      [l.h0, l.l0],
      [l.h1, l.l1],
      [l.h2, l.l2],
      [l.h3, l.l3],
    ] as const
    const add = (sum: 0 | 1 | 2 | 3, pixels: Code) => addTaps(...sums[sum], pixels, [get(l.wHigh), get(l.wLow)])
    const wholes = sums.map(([high, low]) => whole(high, low)) as [Code, Code, Code, Code]
    return [
      repeat(
        l.row,
        get(l.rows),
        set(l.from, i32.add(get(l.source), i32.load(get(l.starts)))),
        set(l.to, get(l.target)),
        repeat(
          l.block,
          get(l.blocks),
          set(l.at, get(l.from)),
          set(l.weight, get(l.weights)),
          ...sums.flatMap(([high, low]) => [set(high, v128.zero), set(low, half)]),
          repeat(
            l.pair,
            get(l.pairs),
            set(l.wHigh, v128.load32Splat(get(l.weight))),
            set(l.wLow, v128.load32Splat(get(l.weight), 4)),
            set(l.upper, v128.load(get(l.at))),
            increase(l.at, get(l.stride)),
            set(l.lower, v128.load(get(l.at))),
            increase(l.at, get(l.stride)),
            set(l.mixed, i8x16.shuffle(interleaveLow, get(l.upper), get(l.lower))),
            add(0, i16x8.extendLowUnsigned(get(l.mixed))),
            add(1, i16x8.extendHighUnsigned(get(l.mixed))),
            set(l.mixed, i8x16.shuffle(interleaveHigh, get(l.upper), get(l.lower))),
            add(2, i16x8.extendLowUnsigned(get(l.mixed))),
            add(3, i16x8.extendHighUnsigned(get(l.mixed))),
            increase(l.weight, i32.const(PAIR_BYTES)),
          ),
          // What goes beyond the row's end is written over by the next row.
          v128.store(get(l.to), bytesOf(...wholes)),
          increase(l.to, i32.const(16)),
          increase(l.from, i32.const(16)),
        ),
        increase(l.target, get(l.stride)),
        increase(l.starts, i32.const(4)),
        increase(l.weights, get(l.weightBytes)),
      ),
    ]
  },
)

interface Vectors {
  readonly memory: WasmMemory
  horizontal(...parameters: number[]): void
  vertical(...parameters: number[]): void
}

let loaded: { readonly functions: Vectors | undefined } | undefined

/** The functions, compiled when they are first asked for. */
function vectors(): Vectors | undefined {
  loaded ??= { functions: instantiate<Vectors>(wasmModule([horizontal, vertical])) }
  return loaded.functions
}

/** A kernel as the functions read it: pairs of taps, the last one filled up with 0. */
interface Packed {
  readonly pairs: number
  readonly weights: Int16Array
}

function pack({ size, weights, counts }: Kernel): Packed {
  const pairs = Math.ceil(counts.reduce((most, count) => Math.max(most, count), 0) / 2)
  const packed = new Int16Array(counts.length * pairs * 4)
  for (let out = 0; out < counts.length; out++) {
    for (let tap = 0; tap < counts[out]!; tap++) {
      const at = (out * pairs + (tap >> 1)) * 4 + (tap & 1)
      const weight = weights[out * size + tap]!
      packed[at] = weight >> LOW_BITS
      packed[at + 2] = weight & ((1 << LOW_BITS) - 1)
    }
  }
  return { pairs, weights: packed }
}

/** A kernel in memory. */
interface Placed extends Packed {
  readonly starts: number
  readonly weightsAt: number
}

/** Hands out places in memory, one behind the other. */
function allocator() {
  let end = 0
  return {
    take(bytes: number): number {
      const start = end
      end = 16 * Math.ceil((start + bytes + MARGIN) / 16)
      return start
    },
    kernel(kernel: Kernel): Placed {
      const packed = pack(kernel)
      return { ...packed, starts: this.take(4 * kernel.starts.length), weightsAt: this.take(packed.weights.byteLength) }
    },
    get end() {
      return end
    },
  }
}

/** Both passes in WebAssembly; undefined where that is not to be had. */
export function vectorPasses(passes: Passes): RgbImage | undefined {
  const { image, source, across, width, down, height } = passes
  const functions = across || down ? vectors() : undefined
  if (!functions) return undefined
  const [imageStride, stride] = [image.width * 3, width * 3]
  const room = allocator()
  const columns = across && room.kernel(across)
  const rows = down && room.kernel(down)
  const chunkRows = across ? Math.min(source.height, Math.max(1, Math.floor(SOURCE_BYTES / imageStride))) : 1
  const chunk = room.take(across ? chunkRows * imageStride : 0)
  const strip = room.take(source.height * stride)
  const target = down ? room.take(height * stride) : strip
  // Where a window is cut off at the border, taps of weight 0 are read behind it.
  const behind = Math.max(6 * (columns?.pairs ?? 0), 2 * stride * (rows?.pairs ?? 0))
  if (room.end + behind > MOST_BYTES) return undefined
  const missing = room.end + behind - functions.memory.buffer.byteLength
  if (missing > 0) functions.memory.grow(Math.ceil(missing / PAGE))
  const { buffer } = functions.memory
  const bytes = new Uint8Array(buffer)
  const place = (kernel: Kernel, { starts, weights, weightsAt }: Placed, unit: number) => {
    new Int32Array(buffer, starts, kernel.starts.length).set(kernel.starts.map((start) => start * unit))
    new Int16Array(buffer, weightsAt, weights.length).set(weights)
  }

  if (across && columns) place(across, columns, 3)
  for (let first = 0; first < source.height; first += chunkRows) {
    const count = Math.min(chunkRows, source.height - first)
    const to = strip + first * stride
    bytes.set(rowsBetween(passes, first, count), columns ? chunk : to)
    if (!columns) continue
    functions.horizontal(chunk, imageStride, to, count, width, columns.starts, columns.weightsAt, columns.pairs)
  }
  if (down && rows) {
    place(down, rows, stride)
    const { starts, weightsAt, pairs } = rows
    functions.vertical(
      strip,
      stride,
      target,
      height,
      Math.ceil(stride / 16),
      starts,
      weightsAt,
      pairs,
      pairs * PAIR_BYTES,
    )
  }
  return { width, height, data: bytes.slice(target, target + height * stride) }
}

/** Rows of the source as they lie in the image, from its first column in the first one to its last in the last. */
function rowsBetween({ image, source }: Passes, first: number, count: number): RgbImage['data'] {
  const from = ((source.top + first) * image.width + source.left) * 3
  return image.data.subarray(from, from + ((count - 1) * image.width + source.width) * 3)
}
