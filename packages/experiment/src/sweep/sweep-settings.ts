import { precisions } from '@pilotjs/core/backbones'
import { nearestName } from '@pilotjs/core/names'
import * as z from 'zod'
import { ExperimentError } from '../experiment-error'
import type { Settings } from '../planning/settings'
import { runConfigSchema } from '../run-directory/run-config'
import { ownStreamSettings as stream, scenarios } from '../run-directory/stream-config'

/** One value, or a list of them to be gone through. */
const axis = <T extends z.ZodType>(value: T) =>
  z.preprocess((given) => (Array.isArray(given) ? given : [given]), z.array(value).min(1, 'a list needs a value'))

const text = z.string().min(1)

const optionPath = text.refine((path) => path.split('.').every((key) => key !== '' && key !== '__proto__'), {
  message: 'is no name of an option',
})

const data = runConfigSchema.shape.data.shape

/** Everything that `Settings` knows, as an axis of the grid: a setting that comes to those has to come here, too. */
const settingAxes = {
  data: axis(text),
  dataRoot: axis(text),
  perClass: axis(z.strictObject({ train: z.int().positive().optional(), test: z.int().positive().optional() })),
  backbone: axis(text),
  preprocessing: axis(text),
  precision: axis(z.enum(precisions)),
  compat: axis(z.enum(['paper', 'pilot'])),
  testFraction: axis(z.number().gt(0).lt(1)),
  validation: axis(z.strictObject({ fraction: z.number().gt(0).lt(1), seed: z.int().nonnegative().optional() })),
  kind: axis(data.kind.unwrap()),
  orientation: axis(data.orientation.unwrap()),
  longTailed: axis(data.longTailed.unwrap()),
  scenario: axis(z.enum(scenarios)),
  baseClasses: axis(z.int().nonnegative()),
  increment: axis(z.int().positive()),
  shuffle: axis(z.boolean()),
  domains: axis(stream.domains.unwrap()),
  shots: axis(stream.shots.unwrap()),
  tasks: axis(stream.tasks.unwrap()),
  disjointShare: axis(stream.disjointShare.unwrap()),
  blurryShare: axis(stream.blurryShare.unwrap()),
  stochastic: axis(stream.stochastic.unwrap()),
  batchSize: axis(stream.batchSize.unwrap()),
  evaluateEvery: axis(stream.evaluateEvery.unwrap()),
} satisfies Record<Exclude<keyof Settings, 'seeds' | 'options' | 'engine' | 'tuning' | 'scoreBatchSize'>, z.ZodType>

export type SettingAxis = keyof typeof settingAxes
export const settingAxisNames = Object.keys(settingAxes) as SettingAxis[]

const grid = {
  ...settingAxes,
  /** Names, packages, or configs (`*.json`). */
  methods: axis(text),
  seeds: axis(
    z
      .int()
      .nonnegative()
      .max(2 ** 32 - 1),
  ),
  /**
   * Of the methods: `epochs` is every method's, `l2p.poolSize` that of one alone, `icarl.memory.total` reaches into an option
   * that is an object. A list is gone through; an option that takes a list needs one more pair of brackets.
   */
  options: z.record(optionPath, axis(z.json())),
}

/** A part of a sweep: what it leaves out is as in the sweep around it. */
export const gridSchema = z.strictObject(grid).partial()

/** What `SWEEP.json` or `SWEEP.yaml` holds: a grid, or a list of them (`runs`) that share what stands outside. */
export const sweepSchema = z
  .strictObject({ ...grid, engine: text, runs: z.array(gridSchema).min(1) })
  .partial()
  .extend({ name: text.optional() })

export type Grid = z.output<typeof gridSchema>
export type SweepSettings = z.output<typeof sweepSchema>
/** As people write it: single values need no brackets. */
export type SweepInput = z.input<typeof sweepSchema>

/**
 * What was written as a sweep, checked for its form.
 * @param shown what it is called in errors: a file, or the flags
 * @throws ExperimentError `invalid-sweep` naming each field, and the nearest name for one that there is not
 */
export function parseSweep(written: unknown, shown: string): SweepSettings {
  const read = sweepSchema.safeParse(written)
  if (read.success) {
    if (gridsHaveMethods(read.data)) return read.data
    const problem = { run: 'methods', message: 'says which methods to run, and is missing' }
    throw new ExperimentError('invalid-sweep', { problems: [problem] }, `${shown}: ${problem.run} ${problem.message}`)
  }
  const problems = read.error.issues.flatMap((issue) =>
    issue.code === 'unrecognized_keys'
      ? issue.keys.map((key) => unknownKey(key, issue.path))
      : [{ run: issue.path.join('.'), message: ('issues' in issue && issue.issues[0]?.message) || issue.message }],
  )
  const lines = problems.map(({ run, message }) => `  ${run ? `${run}: ` : ''}${message}`)
  throw new ExperimentError('invalid-sweep', { problems }, `${shown} is no sweep:\n${lines.join('\n')}`)
}

const gridsHaveMethods = ({ methods, runs }: SweepSettings) =>
  methods !== undefined || (runs?.every((grid) => grid.methods !== undefined) ?? false)

function unknownKey(key: string, path: readonly PropertyKey[]) {
  const known = [...Object.keys(grid), ...(path.length === 0 ? ['engine', 'name', 'runs'] : [])]
  const near = nearestName(key, known)
  return {
    run: path.map(String).join('.'),
    message: `there is no "${key}"; ${near ? `did you mean "${near}"?` : `there are ${known.join(', ')}`}`,
  }
}
