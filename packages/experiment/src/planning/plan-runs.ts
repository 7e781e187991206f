import { existsSync } from 'node:fs'
import { isAbsolute, resolve } from 'node:path'
import { parsePrecision, parsePreprocessing } from '@pilotjs/core/backbones'
import { nearestName } from '@pilotjs/core/names'
import { catalogue as datasetCatalogue } from '@pilotjs/data/node'
import { findBackbone, hubAddress } from '@pilotjs/hub'
import * as z from 'zod'
import { ExperimentError, messageOf } from '../experiment-error'
import { registerBackbones } from '../registry/register-backbones'
import type { Loaded, Registry } from '../registry/registry'
import type { RunConfig } from '../run-directory/run-config'
import { runConfigSchema } from '../run-directory/run-config'
import { filledIn } from '../run-directory/stream-config'
import { compatOption, departures, scoreBatchSize } from './compat'
import { mergeOptions, validateOptions } from './method-options'
import type { ConfigReading } from './read-config'
import { readConfig } from './read-config'
import type { Settings } from './settings'

export interface RunPlan {
  readonly loaded: Loaded<'method'>
  /** One a seed. */
  readonly configs: readonly RunConfig[]
  /** What was understood in a way that one may want to know. */
  readonly notes: readonly string[]
}

export interface PlanOptions {
  /** Folder that relative paths start in. */
  readonly cwd: string
  readonly registry: Registry
  /** What the caller has in hand: it need not be known by name. */
  readonly brought?: { readonly dataset?: object; readonly backbone?: object }
}

/**
 * Works out what to run from a method's name or a config's file (`*.json`) and what outdoes it. Nothing is read but configs and
 * package.json files, and the method is imported.
 * @throws ExperimentError where something is not understood; core's PilotConfigError for a PILOT config that cannot be followed
 */
export async function planRuns(
  target: string,
  given: Settings,
  { cwd, registry, brought = {} }: PlanOptions,
): Promise<RunPlan> {
  await registerBackbones(registry)
  const { loaded, settings, notes, ofPilot } = target.endsWith('.json')
    ? await readConfig(target, cwd, registry)
    : {
        loaded: await registry.load('method', target),
        settings: {} as ConfigReading['settings'],
        notes: [],
        ofPilot: false,
      }
  const merged = {
    ...settings,
    ...defined(given),
    perClass: { ...defined(settings.perClass ?? {}), ...defined(given.perClass ?? {}) },
    options: mergeOptions(
      mergeOptions(settings.options ?? {}, compatOption(loaded.value, given.compat)),
      given.options ?? {},
    ),
  }
  const backbone = merged.backbone ?? (await defaultBackbone(merged.data, cwd, registry))
  const configs = configsFor(loaded, { ...merged, backbone }, cwd)
  await checkNames(configs[0]!, registry, brought)
  const departing = ofPilot ? departures(loaded.value, configs[0]!) : []
  return { loaded, notes: [...notes, ...departing], configs }
}

function configsFor(
  loaded: Loaded<'method'>,
  settings: Settings & Pick<RunConfig, 'backbone'>,
  cwd: string,
): RunConfig[] {
  const { data = 'icons-100', dataRoot, perClass, compat = 'paper', seeds = [1993] } = settings
  const { testFraction, kind, orientation, longTailed } = settings
  const { scenario, baseClasses, increment, shuffle } = settings
  if (new Set(seeds).size !== seeds.length)
    throw new ExperimentError('invalid-config', { fields: ['seed'] }, `a seed stands twice in ${seeds.join(', ')}`)
  const options = validateOptions(loaded.value, settings.options ?? {})
  const config = {
    method: methodName(loaded),
    options,
    data: {
      name: absoluteIfPath(data, cwd),
      ...(dataRoot === undefined ? {} : { root: resolve(cwd, dataRoot) }),
      ...defined({ testFraction, validation: settings.validation, kind, orientation, longTailed }),
      ...(perClass && Object.keys(perClass).length > 0 ? { perClass } : {}),
    },
    backbone: absoluteIfPath(settings.backbone, cwd),
    ...(settings.preprocessing === undefined ? {} : { preprocessing: recipeText(settings.preprocessing) }),
    ...(settings.precision === undefined ? {} : { precision: parsed('precision', settings.precision, parsePrecision) }),
    compat,
    stream: { scenario, baseClasses, increment, shuffle, ...filledIn(scenario, settings) },
    engine: settings.engine ?? 'auto',
    ...(settings.tuning === undefined ? {} : { tuning: settings.tuning }),
    ...defined({ scoreBatchSize: settings.scoreBatchSize ?? scoreBatchSize(loaded.value, options) }),
  }
  return seeds.map((seed) => checkedConfig({ ...config, seed }))
}

/** The recipe as it was written, once it has been read. */
function recipeText(text: string): string {
  parsed('preprocessing', text, parsePreprocessing)
  return text
}

/** @throws ExperimentError `invalid-config` in the words of whoever cannot parse it */
function parsed<Value>(field: 'preprocessing' | 'precision', text: string, parse: (text: string) => Value): Value {
  try {
    return parse(text)
  } catch (error) {
    throw new ExperimentError('invalid-config', { fields: [field] }, messageOf(error), { cause: error })
  }
}

function checkedConfig(config: unknown): RunConfig {
  const read = runConfigSchema.safeParse(config)
  if (!read.success)
    throw new ExperimentError(
      'invalid-config',
      { fields: read.error.issues.map(({ path }) => path.join('.')) },
      `this cannot be run:\n${z.prettifyError(read.error)}`,
    )
  return read.data
}

/** @throws ExperimentError where data or backbone is neither known by name nor there as a path */
async function checkNames(
  { data, backbone }: RunConfig,
  registry: Registry,
  brought: NonNullable<PlanOptions['brought']>,
): Promise<void> {
  const datasets = [
    ...(await registry.list('dataset')).map(({ name }) => name),
    ...datasetCatalogue.map(({ name }) => name),
  ]
  if (!brought.dataset && !isAbsolute(data.name) && !datasets.includes(data.name.toLowerCase())) {
    const nearest = nearestName(data.name, datasets)
    throw new ExperimentError(
      'unknown-dataset',
      { name: data.name, known: datasets, ...(nearest === undefined ? {} : { nearest }) },
      `there is no dataset, nor a folder, called "${data.name}"; ${nearest ? `did you mean "${nearest}"?` : `known are ${datasets.join(', ')}`}`,
    )
  }
  if (brought.backbone || (isAbsolute(backbone) && existsSync(backbone)) || hubAddress(backbone)) return
  const unknown = (message: string) => new ExperimentError('unknown-backbone', { name: backbone }, message)
  if (/[\\/]|\.safetensors$/.test(backbone))
    throw unknown(`there is no file or folder ${backbone} to take as the backbone`)
  try {
    findBackbone(backbone)
  } catch (error) {
    throw unknown(messageOf(error))
  }
}

/** How the config names the method: as people do where that is enough to find it again, else by its package. */
const methodName = ({ name, package: holder, bundled }: Loaded<'method'>) =>
  bundled || holder === `@pilotjs/${name}` ? name : holder

/** For photographs, where it is installed: no download, and light enough for two cores. */
const forPhotographs = 'efficientnet-lite0'

/**
 * The backbone where none is named: the embedded data set has one of its own, a folder of one's own images takes the one for
 * photographs, everything else PILOT's.
 */
async function defaultBackbone(data: string | undefined, cwd: string, registry: Registry): Promise<string> {
  if (data === undefined || data === 'icons-100') return 'vit-icons'
  const installed = async () => (await registry.list('backbone')).some(({ name }) => name === forPhotographs)
  if (existsSync(resolve(cwd, data)) && (await installed())) return forPhotographs
  return 'vit_base_patch16_224.augreg_in21k'
}

/** A path is kept as seen from anywhere, so that a run can be resumed from anywhere; a name stays a name. */
const absoluteIfPath = (name: string, cwd: string) =>
  isAbsolute(name) || existsSync(resolve(cwd, name)) ? resolve(cwd, name) : name

/** Without what is undefined, which would hide what it is to outdo. */
const defined = <T extends object>(settings: T): Partial<T> =>
  Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== undefined)) as Partial<T>
