import * as z from 'zod'

/** Raised when a reader of today could misread what is written. */
export const LOG_FORMAT = 1

const count = z.int().nonnegative()
/** What is no number (a loss that diverged) is written as null. */
const number = z.number().nullable()
/** Milliseconds since 1970. */
const at = z.number()

/** A line of a run's `events.jsonl`. */
export const loggedEventSchema = z.discriminatedUnion('kind', [
  /** The first line. */
  z.object({
    kind: z.literal('begun'),
    at,
    format: z.literal(LOG_FORMAT),
    /** The same however often the run is resumed or moved. */
    id: z.string().min(1),
    /** The folder's own name. */
    name: z.string(),
    /** As `config.json` has it. */
    config: z.record(z.string(), z.json()),
    /** Of the whole stream. */
    tasks: count,
    classes: count,
  }),
  /** A new process goes on; all that was told before of `task` and later ones is void. */
  z.object({ kind: z.literal('resumed'), at, task: count }),
  z.object({ kind: z.literal('task'), at, task: count, tasks: count, classesAfter: count }),
  z.object({
    kind: z.literal('phase'),
    at,
    task: count,
    phase: z.string(),
    epochs: count,
    stepsPerEpoch: count,
    trainableParameters: count,
  }),
  /** Every training step. */
  z.object({
    kind: z.literal('step'),
    at,
    task: count,
    phase: z.string(),
    epoch: count,
    step: count,
    loss: number,
    learningRate: number,
  }),
  /** A task was learned, scored and saved. */
  z.object({
    kind: z.literal('scored'),
    at,
    task: count,
    classesAfter: count,
    testImages: count,
    /**
     * Over the tasks so far, percent or percent points: `accuracy`, `averageIncrementalAccuracy`, `forgetting`,
     * `accuracy/nearestMean`, …
     */
    metrics: z.record(z.string(), number),
    /** Row of the accuracy matrix. */
    byTask: z.array(number),
    /** `learnSeconds`, `scoreSeconds`, `tensorBytes`, `rssBytes`. */
    cost: z.record(z.string(), number),
  }),
  z.object({ kind: z.literal('note'), at, message: z.string() }),
  /** All tasks are saved. */
  z.object({ kind: z.literal('finished'), at, metrics: z.record(z.string(), number) }),
  /** The process ended before that, and could still say why. */
  z.object({ kind: z.literal('stopped'), at, message: z.string() }),
])

export type LoggedEvent = z.output<typeof loggedEventSchema>
/** The line of one kind. */
export type LoggedKind<Kind extends LoggedEvent['kind']> = Extract<LoggedEvent, { kind: Kind }>
