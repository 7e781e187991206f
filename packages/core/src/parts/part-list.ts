import type { JsonValue, NamedTensors } from '../contracts/tensors'
import { type Part, joinVariables, tensorsOf, trainableOf } from './part'

/** A growing list of parts of one kind, e.g. an adapter per task. */
export interface PartList<P extends Part, Setup = undefined> extends Part {
  readonly items: readonly P[]
  /** The newest, once there is one. */
  readonly newest: P | undefined
  /** Makes the next one. @param setup how it begins, where that is not always alike */
  add(setup?: Setup): P
  /** Lets go of all but the first `length`. */
  truncate(length: number): void
}

/**
 * @param create makes part number `index`. A restored list makes its parts without a setup and then gives them their values, so
 *   that `setup` is only for how a part begins.
 */
export function partList<P extends Part, Setup = undefined>(
  create: (index: number, setup?: Setup) => P,
): PartList<P, Setup> {
  const items: P[] = []
  const named = () => Object.fromEntries(items.entries()) as Readonly<Record<string, P>>
  const make = (setup: Setup | undefined) => {
    const item = create(items.length, setup)
    items.push(item)
    return item
  }
  const truncate = (length: number) => {
    while (items.length > length) items.pop()!.dispose()
  }
  return {
    items,
    get newest() {
      return items.at(-1)
    },
    add: make,
    truncate,
    variables: () => joinVariables(named()),
    trainable: () => joinVariables(named(), trainableOf),
    json: () => items.map((item) => item.json?.() ?? null),
    restore(tensors: NamedTensors, json) {
      const saved = Array.isArray(json) ? (json as readonly JsonValue[]) : []
      truncate(saved.length)
      while (items.length < saved.length) make(undefined)
      items.forEach((item, index) => item.restore(tensorsOf(tensors, String(index)), saved[index] ?? undefined))
    },
    dispose: () => truncate(0),
  }
}
