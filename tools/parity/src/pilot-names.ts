import type { Learner, Method, NamedTensors } from '@pilotjs/core'

/**
 * What PILOT calls a learner's tensors, each by all names that PILOT uses for it. A learner knows nothing of them: they stand in
 * its method's `pilot-compat`.
 */
export function pilotNames(method: Method, all: readonly string[]): ReadonlyMap<string, readonly string[]> {
  const { tensors = {} } = method.pilot ?? {}
  const namesOf = (name: string): readonly string[] => {
    if (typeof tensors === 'function') return tensors(name, all)
    const prefix = Object.keys(tensors).find((own) => name.startsWith(own))
    if (prefix === undefined) return [name]
    return [tensors[prefix]!].flat().map((theirs) => theirs + name.slice(prefix.length))
  }
  return new Map(all.map((name) => [name, namesOf(name)]))
}

/** A learner's live tensors under PILOT's names. */
export function byPilotNames(method: Method, learner: Learner): NamedTensors {
  const { tensors } = learner.state()
  const names = pilotNames(method, Object.keys(tensors))
  return Object.fromEntries(
    Object.entries(tensors).flatMap(([name, tensor]) => names.get(name)!.map((theirs) => [theirs, tensor] as const)),
  )
}
