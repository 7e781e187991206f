import type { JsonValue } from '@pilotjs/core'

/**
 * How many training images a saved learner can call back: exemplars (`exemplarMemory`) and images seen (`seenImages`), wherever in
 * its state they stand.
 * @param json of a learner's state, or of a part of it
 */
export function rememberedImages(json: JsonValue | undefined): number {
  if (!isRecord(json)) return 0
  const { exemplars, keys, labels } = json
  if (Array.isArray(exemplars)) return exemplars.reduce<number>((sum, own) => sum + lengthOf(own), 0)
  if (Array.isArray(keys) && Array.isArray(labels)) return keys.length
  return Object.values(json).reduce<number>((sum, part) => sum + rememberedImages(part), 0)
}

const isRecord = (json: JsonValue | undefined): json is Readonly<Record<string, JsonValue>> =>
  typeof json === 'object' && json !== null && !Array.isArray(json)

const lengthOf = (value: JsonValue): number => (Array.isArray(value) ? value.length : 0)
