import * as tf from '@tensorflow/tfjs-core'
import { EngineError } from './engine-error'

/** What is counted on where nobody knows better: as much as a page may have. */
const unknown = 2 * 2 ** 30

let chosen: number | undefined

/**
 * Sets the memory that this process counts on, in bytes; undefined: what the engine finds. Caches and batches made from here on
 * keep to it.
 */
export function setMemoryBudget(bytes: number | undefined): void {
  chosen = bytes
}

/**
 * The memory that this process counts on, in bytes: what was chosen, or what the engine that runs says (half of what the machine
 * has), or 2 GiB. Not a limit that is enforced: batches and caches are a share of it.
 */
export function memoryBudget(): number {
  // An engine cannot change its mind once it runs, so that its word comes first.
  const running = tf.getBackend() ? (tf.backend() as { memoryBytes?: number }) : undefined
  return running?.memoryBytes ?? chosen ?? unknown
}

const units: Readonly<Record<string, number>> = { '': 1, k: 2 ** 10, m: 2 ** 20, g: 2 ** 30, t: 2 ** 40 }

/**
 * Bytes out of what people write: `4GB`, `512 MB`, `1.5g`, `2147483648`; units are powers of 1024.
 * @throws EngineError `engine-option`
 */
export function parseMemory(text: string): number {
  const [, number, unit] = /^\s*(\d+(?:\.\d+)?)\s*([kmgt]?)(?:i?b)?\s*$/i.exec(text) ?? []
  const bytes = number === undefined ? 0 : Math.floor(Number(number) * units[unit!.toLowerCase()]!)
  if (bytes >= least) return bytes
  throw new EngineError(
    'engine-option',
    `memory must be an amount such as 4GB or 512MB, and at least 64MB, got "${text}" (option memory, environment PILOT_MEMORY)`,
    { option: 'memory', value: text },
  )
}

/** Less would not even hold the engine. */
const least = 2 ** 26
