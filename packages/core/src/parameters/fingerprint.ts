import type { JsonValue, NamedTensors } from '../contracts/tensors'
import { wordHash } from './word-hash'

/**
 * A name for a set of weights and what goes with them: equal names, equal values, for all practical purposes (four 32-bit
 * multiplicative hashes over every word). Reads every tensor, so it is worth keeping.
 */
export function fingerprintOf(tensors: NamedTensors, description: JsonValue = null): string {
  const hash = wordHash()
  const takeText = (text: string) => hash.take(Uint32Array.from(text, (letter) => letter.codePointAt(0)!))
  takeText(JSON.stringify(description))
  for (const name of Object.keys(tensors).sort()) {
    const tensor = tensors[name]!
    takeText(`${name}:${tensor.dtype}:${tensor.shape.join('x')}`)
    const values = tensor.dataSync()
    const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength)
    hash.take(values.byteLength % 4 === 0 ? new Uint32Array(bytes.slice().buffer) : Uint32Array.from(bytes))
  }
  return hash.digest()
}
