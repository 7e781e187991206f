/** A hash over 32-bit words as they are taken. */
export interface WordHash {
  take(words: Uint32Array): void
  /** A text's code points, as words. */
  takeText(text: string): void
  /** 32 hexadecimal digits. */
  digest(): string
}

const starts = [0x811c9dc5, 0x9e3779b9, 0x85ebca6b, 0xc2b2ae35]
const factors = [0x01000193, 0x85ebca77, 0xc2b2ae3d, 0x27d4eb2f]

/**
 * Four 32-bit multiplicative hashes over every word: fast enough for weights and pixels, and equal digests mean equal words for all
 * practical purposes. No protection against someone who wants two contents to have one digest.
 */
export function wordHash(): WordHash {
  const hash = new Uint32Array(starts)
  const take = (words: Uint32Array) => {
    for (let lane = 0; lane < 4; lane++) {
      const factor = factors[lane]!
      let state = hash[lane]!
      for (const word of words) {
        state = Math.imul(state ^ word, factor)
        state ^= state >>> 15
      }
      hash[lane] = state
    }
  }
  return {
    take,
    takeText: (text) => take(Uint32Array.from(text, (letter) => letter.codePointAt(0)!)),
    digest: () => Array.from(hash, (word) => word.toString(16).padStart(8, '0')).join(''),
  }
}
