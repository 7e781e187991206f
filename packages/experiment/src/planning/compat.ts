import type { JsonValue, Method } from '@pilotjs/core'
import type { RunConfig } from '../run-directory/run-config'
import { optionNames } from './method-options'

/** What was asked for as an option of the method, where it departs from PILOT anywhere. */
export const compatOption = (method: Method, compat: RunConfig['compat'] | undefined): Record<string, JsonValue> =>
  compat !== undefined && optionNames(method)?.includes('compat') ? { compat } : {}

/**
 * How many images are scored together where nobody says: as many as in a training batch where PILOT's predictions depend on it and
 * the run is to do as PILOT does.
 */
export function scoreBatchSize(method: Method, options: Readonly<Record<string, JsonValue>>): number | undefined {
  const { compat, batchSize } = options
  const asPilot = compat === 'pilot' && method.pilot?.scoresByBatch === true
  return asPilot && typeof batchSize === 'number' ? batchSize : undefined
}

/** Where a run of one of PILOT's configs departs from what PILOT itself would do: a line each, none in `compat: 'pilot'`. */
export function departures(method: Method, { compat, options }: RunConfig): string[] {
  if (compat === 'pilot') return []
  const { shape = {} } = method.options as { shape?: Record<string, { description?: string }> }
  const own = options.compat === 'paper' ? shape.compat?.description : undefined
  return [
    'departs from PILOT: images are normalised as the weights want it, PILOT leaves pixels in 0 … 1 (compat: pilot does so, too)',
    ...(own === undefined
      ? []
      : [`departs from PILOT in ${method.name}; ${own.replace(/^pilot: /, 'PILOT has it so: ')}`]),
  ]
}
