import type { JsonValue } from '@pilotjs/core'

/**
 * Cases for which PILOT itself was changed, in a way that its options cannot say: what they mean in ours. Beyond the options
 * stands what the case's notes tell.
 */
const variants: Readonly<Record<string, Readonly<Record<string, JsonValue>>>> = {
  // With a `getlen` that counts images.
  'foster/a_count': { classCounts: 'images' },
  'foster/a_az_wa': { classCounts: 'images' },
}

/** Options that a recorded case has beyond those in its `case.json`. */
export const recordedVariant = (id: string): Readonly<Record<string, JsonValue>> => variants[id] ?? {}
