import type { Recorder } from '../graph/recorder'
import type { Value } from '../graph/value'
import type { Target } from './target'

/** One of the forms that an operation can take. `Shapes` says all that the choice depends on besides the target. */
export interface Strategy<Operands, Shapes> {
  /** By which it can be left out, and how tests and traces call it. */
  readonly name: string
  /** Whether this form is right, and the best one after those that stand before it in their list. */
  applies(target: Target, shapes: Shapes): boolean
  /** Records the operation in this form. */
  record(g: Recorder, operands: Operands, shapes: Shapes, target: Target): Value
}

/** The first form that applies; undefined if none does. */
export const firstThatApplies = <Operands, Shapes, S extends Strategy<Operands, Shapes>>(
  strategies: readonly S[],
  target: Target,
  shapes: Shapes,
  without: ReadonlySet<string>,
): S | undefined => strategies.find((strategy) => !without.has(strategy.name) && strategy.applies(target, shapes))
