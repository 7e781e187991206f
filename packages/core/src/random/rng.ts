import { countDraw } from './draw-count'

/** A seeded generator. The same seed gives the same numbers on every machine; `fork` gives independent streams by name. */
export interface Rng {
  /** Uniform in [0, 1), 32 random bits. */
  uniform(): number
  /** Standard normal (Box–Muller). */
  normal(): number
  /** Uniform integer in [0, bound). */
  int(bound: number): number
  /** 0 … length − 1 in random order (Fisher–Yates). */
  permutation(length: number): Int32Array
  /** `length` uniform numbers in [low, high). */
  uniforms(length: number, low: number, high: number): Float32Array
  /** `length` normal numbers. */
  normals(length: number, mean: number, deviation: number): Float32Array
  /** A generator of its own for a named purpose; does not advance this one. */
  fork(...names: readonly (string | number)[]): Rng
}

/** FNV-1a over the text's UTF-16 units, to turn names into seeds. */
function hashText(text: string, seed: number): number {
  let hash = (seed ^ 0x811c9dc5) >>> 0
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193) >>> 0
  return hash
}

/** SplitMix32: spreads a seed over the words of a state. */
function splitMix(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x9e3779b9) >>> 0
    let z = state
    z = Math.imul(z ^ (z >>> 16), 0x85ebca6b)
    z = Math.imul(z ^ (z >>> 13), 0xc2b2ae35)
    return (z ^ (z >>> 16)) >>> 0
  }
}

/**
 * A generator from a seed: sfc32 (Doty-Humphrey's "small fast counting" generator, PractRand), seeded by SplitMix32.
 * @param seed any finite number; its integer part counts, modulo 2^32
 */
export function createRng(seed: number): Rng {
  if (!Number.isFinite(seed)) throw new RangeError(`seed must be a finite number, got ${seed}`)
  const origin = Math.trunc(seed) >>> 0
  const spread = splitMix(origin)
  let a = spread()
  let b = spread()
  let c = spread()
  let counter = 1
  const next = () => {
    const sum = (((a + b) | 0) + counter) | 0
    counter = (counter + 1) | 0
    a = b ^ (b >>> 9)
    b = (c + (c << 3)) | 0
    c = ((c << 21) | (c >>> 11)) + sum
    return sum >>> 0
  }
  for (let i = 0; i < 12; i++) next()

  const uniform = () => {
    countDraw()
    return next() / 4294967296
  }
  let spare: number | undefined
  const normal = () => {
    if (spare !== undefined) {
      const kept = spare
      spare = undefined
      return kept
    }
    const radius = Math.sqrt(-2 * Math.log(1 - uniform()))
    const angle = 2 * Math.PI * uniform()
    spare = radius * Math.sin(angle)
    return radius * Math.cos(angle)
  }
  const int = (bound: number) => Math.floor(uniform() * bound)
  return {
    uniform,
    normal,
    int,
    permutation(length) {
      const order = Int32Array.from({ length }, (_, i) => i)
      for (let i = length - 1; i > 0; i--) {
        const j = int(i + 1)
        const held = order[i]!
        order[i] = order[j]!
        order[j] = held
      }
      return order
    },
    uniforms: (length, low, high) => Float32Array.from({ length }, () => low + (high - low) * uniform()),
    normals: (length, mean, deviation) => Float32Array.from({ length }, () => mean + deviation * normal()),
    fork: (...names) => createRng(hashText(JSON.stringify(names), origin)),
  }
}
