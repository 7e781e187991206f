import type { Recorder } from '../graph/recorder'
import type { Value } from '../graph/value'
import { firstThatApplies } from './strategy'
import { anyProcessor } from './target'
import { permutation as plain } from './transpositions/permutation'
import { twoSteps } from './transpositions/two-steps'

export const transpositionStrategies = [twoSteps, plain]

/**
 * A value with its axes in another order. Beside a convolution no target is named: ONNX Runtime moves transpositions until they
 * meet and cancel, but not the reorderings into blocks that a target with blocks would get.
 */
export function transpose(
  g: Recorder,
  v: Value,
  permutation: readonly number[],
  target = anyProcessor,
  without: ReadonlySet<string> = new Set(),
): Value {
  if (permutation.every((p, i) => p === i)) return g.emit('Identity', [v], v.shape, v.dtype)
  const shapes = { input: v, permutation }
  return firstThatApplies(transpositionStrategies, target, shapes, without)!.record(g, v, shapes, target)
}
