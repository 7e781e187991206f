import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { existsSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative, resolve } from 'node:path'
import type { RunPlan } from '@pilotjs/experiment'
import { ExperimentError, metricsOf, openRun, planRuns } from '@pilotjs/experiment'
import type { Result } from '@pilotjs/ledger'
import {
  describeRow,
  ledger,
  pilotSetting,
  renderLedger,
  resultsSchema,
  settingToReproduce,
  splitName,
  withResult,
} from '@pilotjs/ledger'
import { registryOf } from '../registry'
import { columns } from '../terminal/columns'
import type { Terminal } from '../terminal/terminal'
import { UsageError } from '../usage-error'
import { version } from '../version'
import { readSettings } from './read-settings'
import { runPlan } from './run-plan'

/** What `pilot reproduce` can be told by flags; what is left out is as in PILOT's config, or as published. */
export interface ReproduceFlags {
  readonly backbone?: string
  readonly increment?: number
  readonly seed?: readonly number[]
  readonly dataRoot?: string
  readonly engine?: string
  readonly out?: string
  /** `key=value`: options that are not as in PILOT's config. A row of the ledger has them with its result. */
  readonly set?: readonly string[]
  /** Folder of `ledger.json` and `ledger.md`. */
  readonly ledger?: string
}

type Setting = ReturnType<typeof settingToReproduce>

/** `pilot reproduce METHOD DATA` */
export async function reproduce(
  method: string,
  data: string,
  flags: ReproduceFlags,
  terminal: Terminal,
): Promise<void> {
  const { increment, backbone } = flags
  const setting = settingToReproduce({ method, data, increment, backbone })
  const folder = flags.ledger === undefined ? undefined : resolve(terminal.cwd, flags.ledger)
  // Read before hours are spent: a ledger that cannot be read is a matter for now.
  const results = folder === undefined ? [] : await readResults(folder)
  const plan = await planAsPilot(setting, flags, terminal)
  const runs = await runPlan(plan, { out: flags.out }, terminal)
  const added = await resultsOf(setting, flags, runs)
  const all = added.reduce(withResult, results)
  terminal.out(describe(setting, added, all))
  if (folder === undefined) return
  await writeFile(join(folder, 'ledger.json'), `${JSON.stringify(all, undefined, 2)}\n`)
  await writeFile(join(folder, 'ledger.md'), renderLedger(ledger(all)))
  terminal.err(`ledger: ${relative(terminal.cwd, join(folder, 'ledger.md'))}`)
}

/** The run that PILOT's config of this setting asks for, as PILOT does it. */
async function planAsPilot(setting: Setting, flags: ReproduceFlags, { cwd }: Terminal): Promise<RunPlan> {
  const { modelName, keys, seeds, shuffle } = pilotSetting(setting.method, setting.data)
  const { data, increment, backbone } = setting
  const scratch = await mkdtemp(join(tmpdir(), 'pilot-config-'))
  try {
    const file = join(scratch, `${setting.method}.json`)
    await writeFile(file, JSON.stringify({ model_name: modelName, ...keys, shuffle, seed: seeds }))
    const given = { data, increment, backbone, seeds: flags.seed, dataRoot: flags.dataRoot, engine: flags.engine }
    const options = { cwd, registry: registryOf(cwd) }
    return await planRuns(file, { ...given, compat: 'pilot', options: readSettings(flags.set ?? []) }, options)
  } finally {
    await rm(scratch, { recursive: true })
  }
}

/** What came out, by every reading of the learner's: all but the first are known by the method's name and their own. */
async function resultsOf(setting: Setting, flags: ReproduceFlags, folders: readonly string[]): Promise<Result[]> {
  const runs = await Promise.all(folders.map((folder) => openRun(folder)))
  const summaries = runs.map((run) => {
    const { summary, complete } = metricsOf(run)
    if (!summary || !complete)
      throw new ExperimentError('nothing-finished', { folder: run.path }, `${run.path} is not complete`)
    return summary
  })
  const [{ config }] = runs as [(typeof runs)[number]]
  return Object.keys(summaries[0]!.readings).map((name, index) => ({
    ...setting,
    by: 'pilotjs',
    method: index === 0 ? setting.method : `${setting.method}-${kebab(name)}`,
    weights: config.provenance?.backbone ?? 'unknown',
    seeds: runs.map((run) => run.config.seed),
    last: summaries.map(({ readings }) => readings[name]!.lastAccuracy),
    average: summaries.map(({ readings }) => readings[name]!.averageIncrementalAccuracy),
    classOrder: config.stream.shuffle ? 'seed' : 'dataset',
    options: readSettings(flags.set ?? []) as Result['options'],
    date: new Date().toISOString().slice(0, 10),
    version: version(),
  }))
}

/** `nearestMean` as `nearest-mean`. */
const kebab = (name: string) => name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)

/** The setting's own rows, and what was published for the same experiment on other weights, apart. */
function describe({ data, increment }: Setting, added: readonly Result[], results: readonly Result[]): string {
  const methods = new Set(added.map(({ method }) => method))
  const rows = ledger(results).filter(
    (row) => methods.has(row.method) && row.data === data && row.increment === increment,
  )
  return columns(
    ['method', 'split', 'backbone', 'paper', 'PILOT', 'pilotjs', 'state'],
    rows.map((row) => {
      const { paper, pilot, pilotjs, state } = describeRow(row)
      return [row.method, splitName(row), row.backbone ?? 'not said', paper || '–', pilot || '–', pilotjs || '–', state]
    }),
  )
}

/** @throws UsageError for a file that is no ledger */
async function readResults(folder: string): Promise<Result[]> {
  const file = join(folder, 'ledger.json')
  if (!existsSync(folder)) throw new UsageError(`there is no folder ${folder} (--ledger)`)
  if (!existsSync(file)) return []
  try {
    return resultsSchema.parse(JSON.parse(await readFile(file, 'utf8')))
  } catch (error) {
    throw new UsageError(`${file} is no ledger: ${error instanceof Error ? error.message : String(error)}`)
  }
}
