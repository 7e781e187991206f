/**
 * numpy's legacy generator, `numpy.random.RandomState`: PILOT draws its class orders from it. For everything else use
 * `createRng`.
 */
export interface MersenneTwister {
  /** 32 random bits. */
  uint32(): number
  /** Uniform in [0, 1) with 53 bits, as `random_sample`. */
  uniform(): number
  /** 0 … length − 1 in random order, as `permutation`. */
  permutation(length: number): Int32Array
}

const size = 624
const middle = 397

/**
 * MT19937 (Matsumoto and Nishimura, ACM TOMACS 1998), seeded as `numpy.random.seed(seed)` does.
 * @param seed 0 … 2^32 − 1
 */
export function mersenneTwister(seed: number): MersenneTwister {
  if (!Number.isInteger(seed) || seed < 0 || seed > 0xffffffff)
    throw new RangeError(`seed must be a whole number from 0 to 4294967295, got ${seed}`)
  const state = new Uint32Array(size)
  state[0] = seed
  for (let i = 1; i < size; i++) {
    const previous = state[i - 1]!
    state[i] = Math.imul(previous ^ (previous >>> 30), 1812433253) + i
  }
  let position = size

  const regenerate = () => {
    for (let i = 0; i < size; i++) {
      const joined = (state[i]! & 0x80000000) | (state[(i + 1) % size]! & 0x7fffffff)
      state[i] = state[(i + middle) % size]! ^ (joined >>> 1) ^ (joined & 1 ? 0x9908b0df : 0)
    }
    position = 0
  }
  const uint32 = () => {
    if (position === size) regenerate()
    let word = state[position++]!
    word ^= word >>> 11
    word ^= (word << 7) & 0x9d2c5680
    word ^= (word << 15) & 0xefc60000
    word ^= word >>> 18
    return word >>> 0
  }
  /** Uniform in 0 … bound, bound included: masked draws until one fits. */
  const interval = (bound: number) => {
    if (bound === 0) return 0
    const mask = 0xffffffff >>> Math.clz32(bound)
    for (;;) {
      const value = (uint32() & mask) >>> 0
      if (value <= bound) return value
    }
  }
  return {
    uint32,
    uniform: () => ((uint32() >>> 5) * 67108864 + (uint32() >>> 6)) / 9007199254740992,
    permutation(length) {
      const order = Int32Array.from({ length }, (_, i) => i)
      for (let i = length - 1; i > 0; i--) {
        const j = interval(i)
        const held = order[i]!
        order[i] = order[j]!
        order[j] = held
      }
      return order
    },
  }
}

/** What `numpy.random.seed(seed); numpy.random.permutation(length)` gives: PILOT's class order. */
export function numpyPermutation(seed: number, length: number): Int32Array {
  return mersenneTwister(seed).permutation(length)
}
