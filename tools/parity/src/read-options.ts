import { readPilotConfig } from '@pilotjs/core/pilot-config'
import type { ConfiguredMethod, Method } from '@pilotjs/core'
import type { z } from 'zod'
import type { GoldenCase } from './golden-case'
import { recordedVariant } from './recorded-variants'

/**
 * The method that a case's `model_name` means, and its options, read as `pilot run` reads a PILOT config. Beyond that, every
 * case was recorded by PILOT itself, which `compat: 'pilot'` follows, with dropout switched off,
 * and with as many drawn features as it has on record.
 */
export function readOptions(
  { id, options }: GoldenCase,
  methods: readonly Method[],
  samplesPerClass?: number,
): { method: Method; configured: ConfiguredMethod } {
  const name = String(options.model_name)
  const method = methods.find(({ pilot }) => pilot?.modelNames.includes(name))
  if (!method) {
    const known = methods.flatMap(({ pilot }) => pilot?.modelNames ?? [])
    throw new Error(`${id}: no method reads model_name "${name}"; there are ${known.join(', ')}`)
  }
  const { options: read } = readPilotConfig(options, method)
  const known = (method.options as z.ZodObject).shape
  const forced = Object.entries({ compat: 'pilot', dropout: 0, samplesPerClass }).filter(
    ([option, value]) => option in known && value !== undefined,
  )
  return { method, configured: method({ ...(read as object), ...Object.fromEntries(forced), ...recordedVariant(id) }) }
}
