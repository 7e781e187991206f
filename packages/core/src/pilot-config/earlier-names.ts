import type { JsonValue } from '../contracts/tensors'

type Config = Readonly<Record<string, JsonValue>>

/** Keys that PILOT has renamed, as its earlier configs spell them. */
const earlierKeys: Readonly<Record<string, string>> = {
  convnet_type: 'backbone_type',
  get_original_convnet: 'get_original_backbone',
}

/** A config with the names of today's PILOT: its backbones were "convnets" and its APER was "ADAM" before. */
export function withTodaysNames(config: Config): Config {
  return Object.fromEntries(
    Object.entries(config)
      // Where both spellings stand, today's counts.
      .filter(([key]) => !Object.hasOwn(earlierKeys, key) || !Object.hasOwn(config, earlierKeys[key]!))
      .map(([key, value]) => [
        Object.hasOwn(earlierKeys, key) ? earlierKeys[key]! : key,
        key === 'model_name' && typeof value === 'string' ? value.replace(/^adam_/, 'aper_') : value,
      ]),
  )
}
