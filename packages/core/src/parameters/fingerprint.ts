import type { JsonValue, NamedTensors } from '../contracts/tensors'

/**
 * A name for a set of weights and what goes with them: equal names, equal values, for all practical purposes (four 32-bit
 * multiplicative hashes over every word). Reads every tensor, so it is worth keeping.
 */
export function fingerprintOf(tensors: NamedTensors, description: JsonValue = null): string {
  const hash = new Uint32Array([0x811c9dc5, 0x9e3779b9, 0x85ebca6b, 0xc2b2ae35])
  const factors = [0x01000193, 0x85ebca77, 0xc2b2ae3d, 0x27d4eb2f]
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
  const takeText = (text: string) => take(Uint32Array.from(text, (letter) => letter.codePointAt(0)!))
  takeText(JSON.stringify(description))
  for (const name of Object.keys(tensors).sort()) {
    const tensor = tensors[name]!
    takeText(`${name}:${tensor.dtype}:${tensor.shape.join('x')}`)
    const values = tensor.dataSync()
    const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength)
    take(values.byteLength % 4 === 0 ? new Uint32Array(bytes.slice().buffer) : Uint32Array.from(bytes))
  }
  return Array.from(hash, (word) => word.toString(16).padStart(8, '0')).join('')
}
