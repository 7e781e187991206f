import type { JsonValue } from '@pilotjs/core'

/**
 * A config as pairs of names and texts: `options.memory.total` → `2000`. Lists stay one value; null and absent ones are left out.
 */
export function flatConfig(config: Readonly<Record<string, JsonValue>>): Record<string, string> {
  const flat: Record<string, string> = {}
  const walk = (value: JsonValue, name: string) => {
    if (value === null || value === undefined) return
    if (typeof value === 'object' && !Array.isArray(value))
      for (const [key, inner] of Object.entries(value)) walk(inner, name === '' ? key : `${name}.${key}`)
    else flat[name] = typeof value === 'string' ? value : JSON.stringify(value)
  }
  walk(config, '')
  return flat
}
