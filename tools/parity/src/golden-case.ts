import { readdirSync, readFileSync, existsSync, statSync } from 'node:fs'
import { basename, join } from 'node:path'
import * as z from 'zod'
import type { JsonValue } from '@pilotjs/core'

const groupedSchema = z.record(z.string(), z.number())

const taskSchema = z.object({
  classesBefore: z.int().nonnegative(),
  classes: z.int().positive(),
  trainBatchSize: z.int().positive(),
  /** Rows of `train_x` in the order in which every epoch walks them, exemplars included. */
  trainOrder: z.array(z.int().nonnegative()),
  losses: z.array(
    z.object({ phase: z.string(), loss: z.number(), epoch: z.int().optional(), lr: z.number().optional() }),
  ),
  top1: z.number(),
  grouped: groupedSchema,
  nme: z.object({ top1: z.number(), grouped: groupedSchema }).nullable(),
  files: z.array(z.string()),
})

const caseSchema = z.object({
  method: z.string(),
  case: z.string(),
  data: z.string(),
  backbone: z.string(),
  vit: z.object({
    imageSize: z.int().positive(),
    patchSize: z.int().positive(),
    width: z.int().positive(),
    depth: z.int().positive(),
    heads: z.int().positive(),
    mlpRatio: z.number().positive(),
    layerNormEps: z.number().positive(),
  }),
  options: z.record(z.string(), z.json()),
  tasks: z.array(taskSchema).min(1),
})

export type GoldenTask = z.infer<typeof taskSchema>

/** One recorded trajectory. */
export interface GoldenCase extends Omit<z.infer<typeof caseSchema>, 'options'> {
  /** `METHOD/CASE`. */
  readonly id: string
  readonly folder: string
  readonly dataFile: string
  readonly backboneFile: string
  readonly options: Readonly<Record<string, JsonValue>>
  /** Whether PILOT's prototype loader walked the training order (true), class order (false), or does not say. */
  readonly prototypesInTrainOrder: boolean | undefined
}

/** Of one exemplar picked by herding: how much farther the runner-up was. */
export interface HerdingRecord {
  readonly picks: readonly number[]
  readonly margins: readonly number[]
}

function readJson(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8'))
  } catch (error) {
    throw new Error(`${file}: cannot be read as JSON (${error instanceof Error ? error.message : String(error)})`, {
      cause: error,
    })
  }
}

/** `METHOD/CASE` of every case in a golden directory, in order. */
export function listCases(directory: string): string[] {
  const folders = (path: string) =>
    readdirSync(path)
      .filter((name) => statSync(join(path, name)).isDirectory())
      .sort()
  return folders(directory).flatMap((method) =>
    folders(join(directory, method))
      .filter((name) => existsSync(join(directory, method, name, 'case.json')))
      .map((name) => `${method}/${name}`),
  )
}

/** The cases that `METHOD` or `METHOD/CASE` arguments name; all without arguments. Throws on a name that names none. */
export function selectCases(directory: string, names: readonly string[]): string[] {
  const all = listCases(directory)
  if (names.length === 0) return all
  const chosen = new Set<string>()
  for (const name of names) {
    const found = all.filter((id) => id === name || id.startsWith(`${name}/`))
    if (found.length === 0)
      throw new Error(
        `no case "${name}" in ${directory}; there are ${[...new Set(all.map((id) => id.split('/')[0]))].join(', ')}`,
      )
    for (const id of found) chosen.add(id)
  }
  return all.filter((id) => chosen.has(id))
}

/** Reads `case.json` and what the raw record says about the order of the prototype loader. */
export function readCase(directory: string, id: string): GoldenCase {
  const folder = join(directory, id)
  const file = join(folder, 'case.json')
  const parsed = caseSchema.safeParse(readJson(file))
  if (!parsed.success) throw new Error(`${file}: ${z.prettifyError(parsed.error)}`)
  return {
    ...parsed.data,
    options: parsed.data.options as Readonly<Record<string, JsonValue>>,
    id,
    folder,
    dataFile: join(directory, basename(parsed.data.data)),
    backboneFile: join(directory, basename(parsed.data.backbone)),
    prototypesInTrainOrder: prototypeLoader(join(folder, 'config.json')),
  }
}

/** The raw record describes its loaders in a sentence, and only there: "protonet loader in class order" or "… interleaved …". */
function prototypeLoader(file: string): boolean | undefined {
  if (!existsSync(file)) return undefined
  const config = z.looseObject({ loader: z.string().optional() }).safeParse(readJson(file))
  const sentence = config.success ? config.data.loader : undefined
  if (sentence === undefined) return undefined
  if (/protonet loader interleaved/.test(sentence)) return true
  return /protonet loader in class order/.test(sentence) ? false : undefined
}

/** Of a task's raw record: the margins of its herding picks by class, where it has any. */
export function readHerding(golden: GoldenCase, task: number): ReadonlyMap<number, HerdingRecord> {
  const file = join(golden.folder, `task${task}.json`)
  if (!existsSync(file)) return new Map()
  const record = z
    .looseObject({
      herding: z
        .record(
          z.string(),
          z.looseObject({ pick_global_index: z.array(z.int()), margin_to_second_best: z.array(z.number().nullable()) }),
        )
        .nullish(),
    })
    .safeParse(readJson(file))
  if (!record.success) throw new Error(`${file}: ${z.prettifyError(record.error)}`)
  return new Map(
    Object.entries(record.data.herding ?? {}).map(([label, { pick_global_index, margin_to_second_best }]) => [
      Number(label),
      { picks: pick_global_index, margins: margin_to_second_best.map((margin) => margin ?? Infinity) },
    ]),
  )
}

/**
 * A gradient that PILOT's DGR scales up by more than this was rounding noise; recorded factors are below 100 or above a million.
 */
const noiseFactor = 1e5

/**
 * How many steps of a task follow from what came before them, where PILOT then scales rounding noise up to the length of a
 * gradient (DGR's first step of a task, with nothing to distil): what comes after is its machine's. Undefined where all do.
 */
export function stepsBeforeNoise(golden: GoldenCase, task: number): number | undefined {
  const file = join(golden.folder, `task${task}.json`)
  if (!existsSync(file)) return undefined
  const record = z
    .looseObject({ reweighting: z.array(z.looseObject({ ratio_kd: z.number().nullish() })).nullish() })
    .safeParse(readJson(file))
  if (!record.success) throw new Error(`${file}: ${z.prettifyError(record.error)}`)
  const step = record.data.reweighting?.findIndex(({ ratio_kd }) => (ratio_kd ?? 0) > noiseFactor) ?? -1
  // The loss of that step itself was taken before the update.
  return step < 0 ? undefined : step + 1
}
