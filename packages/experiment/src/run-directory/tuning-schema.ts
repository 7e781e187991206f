import * as z from 'zod'

/** How a run's options were chosen; only told, never acted upon. */
export const tuningSchema = z.looseObject({
  /** What was compared. */
  score: z.string(),
  /** Of the chosen options, where they were chosen. */
  reached: z.looseObject({ mean: z.number(), deviation: z.number().optional(), count: z.int() }),
  space: z.record(z.string(), z.json()),
  sampler: z.string(),
  /** How many draws were compared … */
  trials: z.int().positive(),
  /** … in how many runs at most. */
  runs: z.int().positive(),
  /** Class orders. */
  seeds: z.array(z.int().nonnegative()),
  on: z.looseObject({ data: z.string(), validationFraction: z.number() }),
  chosen: z.record(z.string(), z.json()),
})
