import { readPilotConfig } from '@pilotjs/core'
import type { Method } from '@pilotjs/core'
import type { GoldenCase } from './golden-case'

/**
 * The method that a case's `model_name` means, and its options, read as `pilot run` reads a PILOT config. Beyond that, every
 * case was recorded by PILOT itself, which `compat: 'pilot'` follows, and with dropout switched off.
 */
export function readOptions(
  { id, options }: GoldenCase,
  methods: readonly Method[],
): { method: Method; options: unknown } {
  const name = String(options.model_name)
  const method = methods.find(({ pilot }) => pilot?.modelNames.includes(name))
  if (!method) {
    const known = methods.flatMap(({ pilot }) => pilot?.modelNames ?? [])
    throw new Error(`${id}: no method reads model_name "${name}"; there are ${known.join(', ')}`)
  }
  const { options: read } = readPilotConfig(options, method)
  return { method, options: method.options.parse({ ...(read as object), compat: 'pilot', dropout: 0 }) }
}
