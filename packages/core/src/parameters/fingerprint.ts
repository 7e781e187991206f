import type { JsonValue, NamedTensors } from '../contracts/tensors'
import { wordHash } from './word-hash'

/**
 * A name for a set of weights and what goes with them: equal names, equal values, for all practical purposes (four 32-bit
 * multiplicative hashes over every word). Reads every tensor, so it is worth keeping.
 */
export async function fingerprintOf(tensors: NamedTensors, description: JsonValue = null): Promise<string> {
  const hash = wordHash()
  hash.takeText(JSON.stringify(description))
  for (const name of Object.keys(tensors).sort()) {
    const tensor = tensors[name]!
    hash.takeText(`${name}:${tensor.dtype}:${tensor.shape.join('x')}`)
    const values = await tensor.data()
    const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength)
    hash.take(values.byteLength % 4 === 0 ? new Uint32Array(bytes.slice().buffer) : Uint32Array.from(bytes))
  }
  return hash.digest()
}

/**
 * A fingerprint that is taken when it is first asked for, and anew once any of the tensors holds other data: whoever trains,
 * restores or overwrites them need not say so.
 */
export function lazyFingerprint(tensors: () => NamedTensors, description: JsonValue = null): () => Promise<string> {
  let known: { readonly data: readonly object[]; readonly fingerprint: Promise<string> } | undefined
  return () => {
    const now = tensors()
    // A variable that is assigned gets another data id.
    const data = Object.values(now).map((tensor) => tensor.dataId)
    if (known?.data.length !== data.length || known.data.some((id, i) => id !== data[i]))
      known = { data, fingerprint: fingerprintOf(now, description) }
    return known.fingerprint
  }
}
