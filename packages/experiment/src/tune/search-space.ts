import type { JsonValue } from '@pilotjs/core'
import type { Rng } from '@pilotjs/core/random'
import * as z from 'zod'
import { ExperimentError } from '../experiment-error'

/** A number between two, both included. */
const range = z
  .strictObject({
    from: z.number(),
    to: z.number(),
    /** `log`: every power of ten is as likely as another. Default linear. */
    scale: z.enum(['linear', 'log']).default('linear'),
    /** Whole numbers only. */
    integer: z.boolean().default(false),
  })
  .refine(({ from, to }) => from < to, 'from must be less than to')
  .refine(({ from, scale }) => scale === 'linear' || from > 0, 'a log scale begins above 0')

const path = z.string().refine((text) => text.split('.').every((key) => key !== '' && key !== '__proto__'), {
  message: 'is no name of an option',
})

/** Options to choose (`learningRate`, `memory.total`), each with a list of values or a range. */
export const searchSpaceSchema = z
  .record(path, z.union([z.array(z.json()).min(1), range]))
  .refine((space) => Object.keys(space).length > 0, 'there is no option to choose')

export type SearchSpace = z.output<typeof searchSpaceSchema>

/** @throws ExperimentError `invalid-space` naming each field */
export function parseSpace(written: unknown): SearchSpace {
  const read = searchSpaceSchema.safeParse(written)
  if (read.success) return read.data
  const fields = read.error.issues.map((issue) => issue.path.join('.'))
  throw new ExperimentError('invalid-space', { fields }, `this is no search space:\n${z.prettifyError(read.error)}`)
}

/** A value of every option, drawn independently and uniformly. */
export type Draw = Readonly<Record<string, JsonValue>>

/**
 * So many different draws, in an order that the generator decides: random search (Bergstra & Bengio, JMLR 2012). A space that
 * holds fewer gives them all.
 */
export function drawTrials(space: SearchSpace, trials: number, rng: Rng): Draw[] {
  const drawn = new Map<string, Draw>()
  // In a small space the last ones are seldom met: a hundred misses for each trial say that there are no more.
  for (let misses = 0; drawn.size < trials && misses < 100 * trials;) {
    const draw = Object.fromEntries(Object.entries(space).map(([name, values]) => [name, drawValue(values, rng)]))
    const key = JSON.stringify(draw)
    if (drawn.has(key)) misses++
    else drawn.set(key, draw)
  }
  return [...drawn.values()]
}

function drawValue(values: SearchSpace[string], rng: Rng): JsonValue {
  if (Array.isArray(values)) return values[rng.int(values.length)] as JsonValue
  const { from, to, scale, integer } = values
  if (integer && scale === 'linear') return from + rng.int(Math.floor(to - from) + 1)
  const share = rng.uniform()
  const value = scale === 'log' ? from * (to / from) ** share : from + (to - from) * share
  // Four digits are as much as anybody would write down.
  return integer ? Math.round(value) : Number(value.toPrecision(4))
}
