import * as z from 'zod'

/**
 * What a stream can be told beyond the sizes of its tasks, by what changes from task to task. A run keeps these filled in:
 * defaults of a later version can't change it.
 */
const own = {
  'class-incremental': {},
  'task-incremental': {},
  'domain-incremental': {},
  'few-shot': { shots: 5 },
  generalised: { tasks: 5, disjointShare: 0.5, blurryShare: 0.1, stochastic: true },
  online: { batchSize: 10, evaluateEvery: 1 },
} as const

export const scenarios = Object.keys(own) as (keyof typeof own)[]

const share = z.number().min(0).max(1)

/** Settings that only one kind of stream has; all are optional. */
export const ownStreamSettings = {
  /** Domain-incremental: names of domains in the order they come. Default all, in the data's order. */
  domains: z.array(z.string()).min(1).optional(),
  /** Few-shot: training images of each class after the first task. Default 5. */
  shots: z.int().positive().optional(),
  /** Generalised (Si-Blurry): how many tasks. Default 5. */
  tasks: z.int().positive().optional(),
  /** Generalised: part of the classes that belong to one task alone. Default 0.5. */
  disjointShare: share.optional(),
  /** Generalised: part of the other classes' images that are mixed between tasks. Default 0.1. */
  blurryShare: share.optional(),
  /** Generalised: tasks of random sizes (Si-Blurry) or even ones (i-Blurry). Default true. */
  stochastic: z.boolean().optional(),
  /** Online: images that come together. Default 10. */
  batchSize: z.int().positive().optional(),
  /** Online: batches from one evaluation to the next. Default 1. */
  evaluateEvery: z.int().positive().optional(),
}

type Scenario = keyof typeof own
export type OwnStreamSettings = {
  readonly [Key in keyof typeof ownStreamSettings]?: z.output<(typeof ownStreamSettings)[Key]>
}

const keys = Object.keys(ownStreamSettings) as (keyof OwnStreamSettings)[]

/** Whose a setting is. */
const ownerOf = (key: keyof OwnStreamSettings): Scenario =>
  key === 'domains' ? 'domain-incremental' : scenarios.find((scenario) => key in own[scenario])!

/** `stream` of a run's config. */
export const streamConfigSchema = z
  .strictObject({
    scenario: z.enum(scenarios).default('class-incremental'),
    /** Classes of the first task; 0: as many as `increment`. Domain-incremental and generalised streams take neither. */
    baseClasses: z.int().nonnegative().default(0),
    /** Classes of every later task; the last takes the rest. */
    increment: z.int().positive().default(10),
    /** Whether classes come in an order drawn from the seed (as PILOT draws it) or in the dataset's own. */
    shuffle: z.boolean().default(true),
    ...ownStreamSettings,
  })
  .superRefine((stream, check) => {
    for (const key of keys)
      if (stream[key] !== undefined && ownerOf(key) !== stream.scenario)
        check.addIssue({
          code: 'custom',
          path: [key],
          message: `a ${stream.scenario} stream has no ${key}: that is for scenario "${ownerOf(key)}"`,
        })
  })

/** The settings that a scenario has of its own, filled in. */
export const filledIn = (scenario: Scenario = 'class-incremental', given: OwnStreamSettings): OwnStreamSettings => ({
  ...own[scenario],
  ...Object.fromEntries(keys.flatMap((key) => (given[key] === undefined ? [] : [[key, given[key]]]))),
})
