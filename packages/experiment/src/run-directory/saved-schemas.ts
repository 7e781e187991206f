import * as z from 'zod'

/** The form of the saved files. Raised when an older process could misread them: a run of another form is refused. */
export const STATE_FORMAT = 1

const count = z.int().nonnegative()

/** `task.json`. What only reports read of a record is left to them. */
export const savedTaskSchema = z.looseObject({
  record: z.looseObject({
    task: count,
    classes: z.array(count).min(1),
    classesBefore: count,
    classesAfter: count,
    trainImages: count,
    testImages: count,
    trainableParameters: count,
    accuracy: z.number(),
    readings: z.record(z.string(), z.looseObject({ top1: z.number(), byTask: z.array(z.number().nullable()) })),
    phases: z.array(
      z.looseObject({ phase: z.string(), trainableParameters: count, losses: z.array(z.number().nullable()) }),
    ),
  }),
  cost: z.looseObject({
    learnSeconds: z.number().nonnegative(),
    scoreSeconds: z.number().nonnegative(),
    tensors: count,
    tensorBytes: count,
    rssBytes: count.optional(),
    features: z.looseObject({ computed: count, reused: count }),
  }),
  state: z.strictObject({
    format: z.int(),
    /** SHA-256 of the files beside this one, by name. */
    files: z.record(z.string(), z.string().regex(/^[0-9a-f]{64}$/)),
  }),
})

/** `predictions.json` */
export const savedLastSchema = z.looseObject({
  predictions: z.looseObject({
    keys: z.array(z.string()),
    labels: z.array(count),
    readings: z.record(z.string(), z.array(count)),
  }),
  mistakes: z.array(
    z.looseObject({
      key: z.string(),
      label: count,
      predicted: count,
      // Put into pages: nothing that a browser would fetch or run.
      image: z.string().regex(/^data:image\/png;base64,[A-Za-z0-9+/=]*$/, 'is no data:image/png;base64 address'),
    }),
  ),
  classNames: z.array(z.string()),
  plan: z.looseObject({ totalClasses: count, baseClasses: count, increment: count }),
})

const classDigest = z.strictObject({ label: count, images: count, digest: z.string(), marks: z.string() })

/** `stream.json`: names, keys and contents of the data, as the run began with them. */
export const savedStreamSchema = z.strictObject({
  scenario: z.string(),
  classNames: z.array(z.string()),
  tasks: z.array(z.strictObject({ train: z.array(classDigest), test: z.array(classDigest) })),
})

/** `state.json` */
export const savedStateSchema = z.record(z.string(), z.json())
