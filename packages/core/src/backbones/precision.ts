import type { Backbone, Precision } from '../contracts/backbone'
import { PilotError } from '../errors/pilot-error'
import { nearestName } from '../names/nearest-name'
import { requireNarrowEngine } from '../training/engine-hints'

/** All precisions, the exact one first. */
export const precisions: readonly Precision[] = ['fp32', 'fp16', 'int8']

/** @throws PilotError `unknown-precision` with the nearest name */
export function parsePrecision(text: string): Precision {
  const found = precisions.find((precision) => precision === text)
  if (found) return found
  const nearest = nearestName(text, precisions)
  throw new PilotError(
    'unknown-precision',
    `precision "${text}" is not known; ${nearest ? `did you mean "${nearest}"? There are` : 'there are'} ${precisions.join(', ')}`,
    { precision: text, ...(nearest && { nearest }) },
  )
}

/**
 * A backbone at another precision. It takes the given one over: dispose what is returned, and use nothing else.
 *
 * `fp16` rounds every weight to 16 bits, once and for all. `int8` keeps the weights and adds a copy of each matrix in 8 bits (7
 * and a sign, with a scale for every output), by which frozen networks multiply rows of 8 bits (with a scale for every row):
 * features are a few percent off and, where a processor has VNNI, computed in about half the time. What trains goes through
 * floats.
 * @throws EngineError `engine-precision` where the engine that runs has no such numbers
 * @throws PilotError `precision-changed` where the backbone has another precision than `fp32` already, `no-matrices` where `int8`
 *   would change nothing, as with convolutions alone
 */
export function atPrecision<B extends Backbone>(backbone: B, precision: Precision): B {
  const now = backbone.precision ?? 'fp32'
  if (now === precision) return backbone
  if (now !== 'fp32')
    throw new PilotError(
      'precision-changed',
      `backbone "${backbone.name}" is at precision ${now} and cannot be brought to ${precision}: load it anew`,
      { backbone: backbone.name, precision: now, wanted: precision },
    )
  const weights = Object.values(backbone.parameters)
  const engine = requireNarrowEngine(precision)
  if (precision === 'fp16') weights.forEach((weight) => weight.size > 1 && engine.narrow(weight))
  else {
    const matrices = weights.filter(({ shape }) => shape.length === 2 && Math.min(...shape) > 1)
    if (matrices.length === 0)
      throw new PilotError(
        'no-matrices',
        `backbone "${backbone.name}" has convolutions and no matrices: precision int8 would change nothing`,
        { backbone: backbone.name, precision },
      )
    matrices.forEach((matrix) => engine.quantize(matrix))
  }
  return { ...backbone, precision, fingerprint: async () => `${await backbone.fingerprint()}:${precision}` }
}
