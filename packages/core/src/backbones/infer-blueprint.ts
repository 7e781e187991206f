import * as z from 'zod'
import { type Architecture, type Blueprint, type TimmCard, type WeightShapes, blueprint } from './architecture'
import { architectures } from './architectures'
import { cannotInfer } from './count-blocks'

export interface InferOptions {
  /** The model's own `config.json`, which tells what shapes do not. */
  readonly card?: TimmCard
  /** What the caller knows better than weights and card, e.g. `{ heads: 4 }`. */
  readonly known?: object
  /** Which families may be meant; default all that are known. */
  readonly among?: readonly Architecture[]
}

/**
 * The build that weights belong to, by their names and shapes, their card, and what the caller knows.
 * @throws Error naming what is missing, ambiguous or not modelled
 */
export function inferBlueprint(
  shapes: WeightShapes,
  { card = {}, known = {}, among = architectures }: InferOptions = {},
): Blueprint {
  for (const architecture of among) {
    if (!architecture.landmarks.some((name) => name in shapes)) continue
    const config = architecture.infer(shapes, { ...architecture.readCard(card), ...known })
    if (!config) continue
    const checked = architecture.configSchema.safeParse(config)
    if (!checked.success)
      throw new Error(`the config of ${architecture.noun} makes no sense: ${z.prettifyError(checked.error)}`)
    return blueprint(architecture, checked.data)
  }
  const expected = among.map(({ landmarks, noun }) => `${landmarks.join(' or ')} (${noun})`)
  throw cannotInfer(`none of these is there: ${expected.join(', ')}`)
}
