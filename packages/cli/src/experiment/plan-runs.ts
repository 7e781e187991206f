import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { isAbsolute, resolve } from 'node:path'
import type { JsonValue, PilotReading } from '@pilotjs/core'
import { nearestName, pilotModelName, readPilotConfig } from '@pilotjs/core'
import { catalogue as datasetCatalogue } from '@pilotjs/data/node'
import { findBackbone } from '@pilotjs/hub'
import type { RunConfig } from '@pilotjs/eval/node'
import { runConfigSchema } from '@pilotjs/eval/node'
import { z } from 'zod'
import { findMethods } from '../registry/find-methods'
import type { LoadedMethod } from '../registry/load-method'
import { importMethod, loadMethod } from '../registry/load-method'
import { UsageError } from '../usage-error'
import { registerEmbedded } from './embedded'
import { mergeOptions, readSettings, validateOptions } from './set-option'

/** What `pilot run` can be told by flags; each outdoes the file. */
export interface RunFlags {
  readonly data?: string
  readonly dataRoot?: string
  readonly trainPerClass?: number
  readonly testPerClass?: number
  readonly backbone?: string
  readonly scenario?: RunConfig['stream']['scenario']
  readonly initCls?: number
  readonly increment?: number
  readonly shuffle?: boolean
  readonly seed?: readonly number[]
  readonly set?: readonly string[]
  readonly engine?: string
}

export interface RunPlan {
  readonly loaded: LoadedMethod
  /** One a seed. */
  readonly configs: readonly RunConfig[]
  /** What was understood in a way that one may want to know. */
  readonly notes: readonly string[]
}

/** A run's config before seeds are dealt out. */
type Draft = Partial<Omit<RunConfig, 'seed' | 'stream' | 'format'>> & {
  readonly stream?: Partial<RunConfig['stream']>
  readonly seeds?: readonly number[]
}

/**
 * Works out what to run from METHOD or CONFIG.json and the flags. A config is one of this toolbox (a run's `config.json`) or one of
 * PILOT's `exps/*.json`. @throws UsageError where something is not understood
 */
export async function planRuns(target: string, flags: RunFlags, cwd: string): Promise<RunPlan> {
  registerEmbedded()
  const { loaded, draft, notes } = await readTarget(target, cwd)
  const data = flags.data ?? draft.data?.name ?? 'icons-100'
  const root = flags.dataRoot ?? draft.data?.root
  const options = mergeOptions((draft.options ?? {}) as Record<string, JsonValue>, readSettings(flags.set ?? []))
  const config = {
    method: methodName(loaded),
    options: validateOptions(loaded.method, options),
    data: {
      name: absoluteIfPath(data, cwd),
      ...(root === undefined ? {} : { root: resolve(cwd, root) }),
      ...perClass(flags, draft),
    },
    backbone: absoluteIfPath(flags.backbone ?? draft.backbone ?? defaultBackbone(data), cwd),
    stream: {
      scenario: flags.scenario ?? draft.stream?.scenario,
      baseClasses: flags.initCls ?? draft.stream?.baseClasses,
      increment: flags.increment ?? draft.stream?.increment,
      shuffle: flags.shuffle ?? draft.stream?.shuffle,
    },
    engine: flags.engine ?? draft.engine ?? 'auto',
    ...(draft.scoreBatchSize === undefined ? {} : { scoreBatchSize: draft.scoreBatchSize }),
  }
  const seeds = flags.seed ?? draft.seeds ?? [1993]
  if (new Set(seeds).size !== seeds.length) throw new UsageError(`a seed stands twice in ${seeds.join(', ')}`)
  const configs = seeds.map((seed) => checkedConfig({ ...config, seed }))
  checkNames(configs[0]!)
  return { loaded, notes, configs }
}

function checkedConfig(config: unknown): RunConfig {
  const read = runConfigSchema.safeParse(config)
  if (!read.success) throw new UsageError(`this cannot be run:\n${z.prettifyError(read.error)}`)
  return read.data
}

/** @throws UsageError where data or backbone is neither known by name nor there as a path */
function checkNames({ data, backbone }: RunConfig): void {
  const datasets = ['icons-100', ...datasetCatalogue.map(({ name }) => name)]
  if (!isAbsolute(data.name) && !datasets.includes(data.name.toLowerCase())) {
    const near = nearestName(data.name, datasets)
    throw new UsageError(
      `there is no dataset, nor a folder, called "${data.name}"; ${near ? `did you mean "${near}"?` : `known are ${datasets.join(', ')}`}`,
    )
  }
  if (isAbsolute(backbone) && existsSync(backbone)) return
  if (backbone.startsWith('hf:')) return
  if (/[\\/]|\.safetensors$/.test(backbone))
    throw new UsageError(`there is no file or folder ${backbone} to take as the backbone (--backbone)`)
  try {
    findBackbone(backbone)
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error))
  }
}

function perClass(flags: RunFlags, { data }: Draft): Pick<RunConfig['data'], 'perClass'> {
  const train = flags.trainPerClass ?? data?.perClass?.train
  const test = flags.testPerClass ?? data?.perClass?.test
  return train === undefined && test === undefined ? {} : { perClass: { train, test } }
}

/** How the config names the method: as people do where that is enough to find it again, else by its package. */
const methodName = ({ method, package: name }: LoadedMethod) =>
  name === `@pilotjs/${method.name}` ? method.name : name

/** The embedded data set has a backbone of its own; everything else takes PILOT's. */
const defaultBackbone = (data: string) => (data === 'icons-100' ? 'vit-icons' : 'vit_base_patch16_224.augreg_in21k')

/** A path is kept as seen from anywhere, so that a run can be resumed from anywhere; a name stays a name. */
const absoluteIfPath = (name: string, cwd: string) =>
  isAbsolute(name) || existsSync(resolve(cwd, name)) ? resolve(cwd, name) : name

async function readTarget(
  target: string,
  cwd: string,
): Promise<{ loaded: LoadedMethod; draft: Draft; notes: readonly string[] }> {
  if (!target.endsWith('.json')) return { loaded: await loadMethod(target, cwd), draft: {}, notes: [] }
  const config = await readConfigFile(resolve(cwd, target), target)
  const modelName = pilotModelName(config)
  if (modelName !== undefined) {
    const loaded = await methodOfPilot(modelName, cwd)
    return { loaded, ...fromPilot(readPilotConfig(config, loaded.method)) }
  }
  const read = runConfigSchema.partial({ data: true, backbone: true, stream: true, seed: true }).safeParse(config)
  if (!read.success)
    throw new UsageError(
      `${target} is neither a run's config nor one of PILOT's (which have a model_name):\n${z.prettifyError(read.error)}`,
    )
  const { seed, ...draft } = read.data
  return {
    loaded: await loadMethod(draft.method, cwd),
    draft: { ...draft, ...(seed === undefined ? {} : { seeds: [seed] }) },
    notes: [],
  }
}

function fromPilot(reading: PilotReading<unknown>): { draft: Draft; notes: string[] } {
  const { dataset, backbone, baseClasses, increment, shuffle, seeds, options, ignored } = reading
  return {
    draft: {
      ...(dataset === undefined ? {} : { data: { name: dataset } }),
      ...(backbone === undefined ? {} : { backbone }),
      stream: { baseClasses, increment, shuffle },
      seeds,
      options: options as RunConfig['options'],
    },
    notes: notesOn(ignored),
  }
}

/** A line for each reason: `prefix is ignored: …`, `memory_size, fixed_memory are ignored: …`. */
function notesOn(ignored: PilotReading<unknown>['ignored']): string[] {
  const byReason = new Map<string, string[]>()
  for (const { key, reason } of ignored) byReason.set(reason, [...(byReason.get(reason) ?? []), key])
  return [...byReason].map(
    ([reason, keys]) => `${keys.join(', ')} ${keys.length > 1 ? 'are' : 'is'} ignored: ${reason}`,
  )
}

/** The method that reads a PILOT `model_name`. @throws UsageError naming those that are understood */
async function methodOfPilot(modelName: string, cwd: string): Promise<LoadedMethod> {
  const found = await findMethods(cwd)
  const names: string[] = []
  for (const each of found) {
    const method = await importMethod(each).catch(() => undefined)
    if (method?.pilot?.modelNames.includes(modelName)) return { ...each, method }
    names.push(...(method?.pilot?.modelNames ?? []))
  }
  const near = nearestName(modelName, names)
  throw new UsageError(
    `no installed method reads PILOT's model_name "${modelName}"; ${near ? `did you mean "${near}"? Understood` : 'understood'} are ${names.join(', ')}`,
  )
}

async function readConfigFile(file: string, shown: string): Promise<unknown> {
  const text = await readFile(file, 'utf8').catch(() => {
    throw new UsageError(`there is no file ${shown}`)
  })
  try {
    return JSON.parse(text) as unknown
  } catch (error) {
    throw new UsageError(`${shown} is not JSON: ${error instanceof Error ? error.message : String(error)}`)
  }
}
