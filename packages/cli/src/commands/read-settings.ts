import type { JsonValue } from '@pilotjs/core'
import { UsageError } from '../usage-error'

type Options = Record<string, JsonValue>

/**
 * Reads `key=value` pairs as options: a value that is JSON is taken as such (`3`, `true`, `[1,2]`, `null`), everything else as
 * text; a dot reaches into an option that is an object (`memory.total=2000`).
 */
export function readSettings(settings: readonly string[]): Options {
  const options: Options = {}
  for (const setting of settings) {
    const [, path = '', text = ''] = /^([^=]+)=(.*)$/s.exec(setting) ?? []
    const keys = path.split('.')
    if (keys.some((key) => key === '' || key === '__proto__'))
      throw new UsageError(`--set takes key=value, got "${setting}"`)
    let place = options
    for (const key of keys.slice(0, -1)) {
      const below = place[key]
      const inner =
        typeof below === 'object' && below !== null && !Array.isArray(below) ? { ...(below as Options) } : {}
      place[key] = inner
      place = inner
    }
    place[keys.at(-1)!] = readValue(text)
  }
  return options
}

function readValue(text: string): JsonValue {
  try {
    return JSON.parse(text) as JsonValue
  } catch {
    return text
  }
}
