import * as z from 'zod'

/**
 * One thing that was run: a setting, by whom, on which weights, and what came out. A ledger's results are a JSON list of these.
 */
export const resultSchema = z.strictObject({
  /** `pilotjs`, or `pilot` where PILOT itself was run beside it. */
  by: z.enum(['pilotjs', 'pilot']),
  method: z.string().min(1),
  data: z.string().min(1),
  increment: z.int().positive(),
  baseClasses: z.int().positive().optional(),
  backbone: z.string().min(1),
  /** Hash of the weights. */
  weights: z.string().min(1),
  /** Each run's seed, and in the same order its accuracies in percent. */
  seeds: z.array(z.int().nonnegative()).min(1),
  last: z.array(z.number()).min(1),
  average: z.array(z.number()).min(1),
  /** `seed`: drawn from the seed as PILOT draws it; `dataset`: the data set's own. */
  classOrder: z.enum(['seed', 'dataset']),
  /** Options that are not as in PILOT's config, if any. */
  options: z.record(z.string(), z.json()).default({}),
  date: z.iso.date(),
  /** Of pilotjs, or PILOT's commit. */
  version: z.string().min(1),
})

export type Result = z.output<typeof resultSchema>

export const resultsSchema = z.array(resultSchema)

/** The results with one more; one of the same setting, side, weights and options gives way. */
export function withResult(results: readonly Result[], added: Result): Result[] {
  const id = ({ by, method, data, increment, baseClasses, backbone, weights, options }: Result) =>
    JSON.stringify([by, method, data, increment, baseClasses, backbone, weights, options])
  return [...results.filter((result) => id(result) !== id(added)), added]
}
