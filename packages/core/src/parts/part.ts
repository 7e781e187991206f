import { dispose } from '@tensorflow/tfjs-core'
import type { JsonValue, NamedTensors, NamedVariables } from '../contracts/tensors'
import { createVariables, variableStore } from '../parameters/variables'

/** A piece of a learner that keeps something: a network, a head, a prompt pool, statistics, exemplars. */
export interface Part {
  /** Every kept tensor, trainable or not, by names of the part's own: a learner puts the part's name before them. */
  variables(): NamedVariables
  /** What of them trains; default all. */
  trainable?(): NamedVariables
  /** Takes a copy of what `variables` gave once; shapes may differ from now, since heads grow. */
  restore(tensors: NamedTensors, json: JsonValue | undefined): void
  /** What is to be remembered and is no tensor. */
  json?(): JsonValue
  dispose(): void
}

/** What of a part trains. */
export const trainableOf = (part: Part): NamedVariables => part.trainable?.() ?? part.variables()

/** Variables of several parts under `NAME.OWN NAME`, as a learner's state has them. */
export function joinVariables(
  parts: Readonly<Record<string, Part>>,
  of: (part: Part) => NamedVariables = (part) => part.variables(),
): NamedVariables {
  return Object.fromEntries(
    Object.entries(parts).flatMap(([part, own]) =>
      Object.entries(of(own)).map(([name, variable]) => [`${part}.${name}`, variable]),
    ),
  )
}

/** The tensors of one part among joined ones, by their own names. */
export function tensorsOf(tensors: NamedTensors, part: string): NamedTensors {
  const prefix = `${part}.`
  return Object.fromEntries(
    Object.entries(tensors).flatMap(([name, tensor]) =>
      name.startsWith(prefix) ? [[name.slice(prefix.length), tensor]] : [],
    ),
  )
}

/** Variables that somebody else keeps, as a part that training takes. */
export const heldPart = (variables: NamedVariables): Part => ({
  variables: () => variables,
  restore: () => undefined,
  dispose: () => undefined,
})

/** Variables that start as a copy of `tensors`, by the same names. */
export function weightsPart(tensors: NamedTensors): Part {
  const store = variableStore()
  // Of their own: what they start as may be frozen, and the first step would have a program with that as constants.
  const copies = createVariables(tensors)
  for (const [name, copy] of Object.entries(copies)) store.set(name, copy)
  dispose(Object.values(copies))
  return { variables: store.all, restore: (saved) => store.restore(saved), dispose: store.dispose }
}
