import { weightsPart } from '@pilotjs/core/parts'
import type { NamedTensors } from '@pilotjs/core'
import type { Part } from '@pilotjs/core/parts'
import { tidy } from '@tensorflow/tfjs-core'

/** Weights of a module, drawn and handed over: what `draw` makes is tidied up. */
export function drawnPart(draw: () => NamedTensors): Part {
  let part: Part | undefined
  tidy(() => {
    part = weightsPart(draw())
  })
  return part!
}
