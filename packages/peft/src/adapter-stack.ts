import { fingerprintOf, partList } from '@pilotjs/core'
import type { Part, Rng, Tuning } from '@pilotjs/core'
import { adapters } from './adapters'
import type { AdapterOptions } from './adapters'

/** One set of adapters a task: those of earlier tasks stay as they were, the newest trains. */
export interface AdapterStack extends Part {
  /** How many sets there are, the newest included. */
  readonly count: number
  /** The newest set: what trains. */
  readonly current: Part
  /** The seams of a set; `training` turns dropout on. */
  tuning(index: number, training?: Rng): Tuning
  /** Names a set's weights as they are now. */
  fingerprint(index: number): string
  /** Keeps the newest set as it is and begins another: drawn anew, or, without a generator, where the newest stands. */
  push(rng?: Rng): void
}

/** @param options `prefix` is put before PILOT's names `cur_adapter.BLOCK` and `adapter_list.TASK.BLOCK` */
export function adapterStack(options: Omit<AdapterOptions, 'name'>): AdapterStack {
  const { prefix } = options
  const currentPrefix = `${prefix}cur_adapter.`
  const name = (block: number) => String(block)
  const current = adapters({ ...options, prefix: currentPrefix, name })
  const earlier = partList((index) => adapters({ ...options, prefix: earlierPrefix(index), name }))
  /** A set's fingerprint holds until it trains or is restored. */
  let fingerprints: (string | undefined)[] = []

  function earlierPrefix(index: number): string {
    return `${prefix}adapter_list.${index}.`
  }
  return {
    get count() {
      return earlier.items.length + 1
    },
    current,
    tuning(index, training) {
      if (training) fingerprints[index] = undefined
      return (earlier.items[index] ?? current).tuning(training)
    },
    fingerprint(index) {
      return (fingerprints[index] ??= fingerprintOf((earlier.items[index] ?? current).variables()))
    },
    push(rng) {
      const index = earlier.items.length
      const renamed = Object.entries(current.variables()).map(
        ([key, variable]) => [key.replace(currentPrefix, earlierPrefix(index)), variable] as const,
      )
      earlier.add().restore(Object.fromEntries(renamed), undefined)
      if (rng) {
        const fresh = adapters({ ...options, prefix: currentPrefix, name, rng })
        current.restore(fresh.variables(), undefined)
        fresh.dispose()
      }
      fingerprints[index] = undefined
      fingerprints[index + 1] = undefined
    },
    variables: () => ({ ...earlier.variables(), ...current.variables() }),
    json: () => ({ earlier: earlier.json?.() ?? [] }),
    restore(tensors, json) {
      fingerprints = []
      const saved = json && typeof json === 'object' && 'earlier' in json ? json.earlier : undefined
      earlier.restore(tensors, saved)
      current.restore(tensors, undefined)
    },
    dispose() {
      earlier.dispose()
      current.dispose()
    },
  }
}
