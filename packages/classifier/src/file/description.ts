import * as z from 'zod'

const count = z.int().nonnegative()
const triple = z.tuple([z.number(), z.number(), z.number()])

/** The version of what stands in a classifier's file. A later one may be read by none before it. */
export const formatVersion = 1

/** What a file says beside its tensors. */
export const descriptionSchema = z.strictObject({
  version: z.literal(formatVersion),
  method: z.string().min(1),
  options: z.record(z.string(), z.json()),
  seed: count,
  plan: z.strictObject({ totalClasses: count, baseClasses: count, increment: count }).optional(),
  backbone: z.strictObject({ name: z.string().min(1), fingerprint: z.string().min(1) }),
  preprocessing: z.strictObject({
    inputSize: z.tuple([count.positive(), count.positive()]),
    mean: triple,
    std: triple,
    interpolation: z.enum(['bilinear', 'bicubic']),
    cropFraction: z.number().positive(),
  }),
  classes: z.array(z.string().min(1)),
  counts: z.array(count),
  tasks: count,
  named: count,
  calibration: z.strictObject({
    temperature: z.number().positive(),
    heldOut: count,
    taught: count,
    unknownThreshold: z.number().nullable(),
  }),
  /** The learner's own; absent before the first class. */
  learner: z.record(z.string(), z.json()).optional(),
  heldOut: z.strictObject({
    extractor: z.string().optional(),
    /** Each is a row of `heldOut.features`, or an image. */
    images: z.array(
      z.strictObject({ label: count, taught: z.boolean(), width: count.optional(), height: count.optional() }),
    ),
  }),
  exemplars: z.array(z.strictObject({ key: z.string(), width: count, height: count })),
})

export type Description = z.output<typeof descriptionSchema>
