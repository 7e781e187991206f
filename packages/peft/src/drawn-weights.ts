import { weightsPart } from '@pilotjs/core'
import type { NamedTensors, WeightsPart } from '@pilotjs/core'
import { tidy } from '@tensorflow/tfjs-core'

/** Weights of a module, drawn and handed over: what `draw` makes is tidied up. */
export function drawnWeights(prefix: string, draw: () => NamedTensors): WeightsPart {
  let part: WeightsPart | undefined
  tidy(() => {
    part = weightsPart({ prefix, tensors: draw() })
  })
  return part!
}
