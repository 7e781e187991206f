import type { JsonValue, Method } from '@pilotjs/core'
import { nearestName } from '@pilotjs/core/names'
import * as z from 'zod'
import { ExperimentError } from '../experiment-error'

type Options = Record<string, JsonValue>

/** Options of which the later outdo the earlier, key by key, objects in depth. */
export function mergeOptions(base: Readonly<Options>, over: Readonly<Options>): Options {
  const merged = { ...base }
  for (const [key, value] of Object.entries(over)) {
    const below = merged[key]
    merged[key] = isObject(below) && isObject(value) ? mergeOptions(below, value) : value
  }
  return merged
}

const isObject = (value: JsonValue | undefined): value is Options =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/**
 * The method's options, complete.
 * @throws ExperimentError `invalid-options` naming each option that it doesn't have, with the nearest that it has, and each value
 * that doesn't fit
 */
export function validateOptions(method: Method, options: Readonly<Options>): Options {
  const known = optionNames(method)
  const unknown = known ? Object.keys(options).filter((key) => !known.includes(key)) : []
  const invalid = (keys: readonly string[], message: string) =>
    new ExperimentError('invalid-options', { method: method.name, options: keys }, message)
  if (known && unknown.length > 0)
    throw invalid(
      unknown,
      unknown
        .map((key) => {
          const near = nearestName(key, known)
          return `${method.name} has no option "${key}"; ${near ? `did you mean "${near}"?` : `it has ${known.join(', ') || 'none'}`}`
        })
        .join('\n'),
    )
  const read = method.options.safeParse(options)
  if (!read.success)
    throw invalid(
      read.error.issues.map(({ path }) => path.join('.')),
      `options of ${method.name}:\n${z.prettifyError(read.error)}`,
    )
  // What is saved must be what was used: through JSON and back.
  return JSON.parse(JSON.stringify(read.data)) as Options
}

/** Names of a method's options, where its schema is an object's (it may come from another copy of zod). */
export function optionNames(method: Method): string[] | undefined {
  const { shape } = method.options as { shape?: unknown }
  return typeof shape === 'object' && shape !== null ? Object.keys(shape) : undefined
}
