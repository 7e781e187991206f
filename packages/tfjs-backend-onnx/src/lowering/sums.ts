import type { Recorder } from '../graph/recorder'
import type { Value } from '../graph/value'
import { firstThatApplies } from './strategy'
import { type Reduction, plainReduction } from './sums/reduction'
import { rowsOfOnes } from './sums/rows-of-ones'
import { anyProcessor } from './target'

export const reductionStrategies = [rowsOfOnes, plainReduction]

/** The shape of `x` with `axes` reduced. */
export const reducedShape = (x: Value, axes: readonly number[], keepDims: boolean): number[] =>
  keepDims ? x.shape.map((d, i) => (axes.includes(i) ? 1 : d)) : x.shape.filter((_, i) => !axes.includes(i))

/** A reduction of some axes, counted from the first; over none it is the identity. */
export function reduce(
  g: Recorder,
  op: Reduction['op'],
  v: Value,
  axes: readonly number[],
  keepDims: boolean,
  target = anyProcessor,
  without: ReadonlySet<string> = new Set(),
): Value {
  if (axes.length === 0) return v
  const shapes: Reduction = { op, input: v, axes, keepDims, shape: reducedShape(v, axes, keepDims) }
  return firstThatApplies(reductionStrategies, target, shapes, without)!.record(g, v, shapes, target)
}
