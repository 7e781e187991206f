import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import type { JsonValue } from '@pilotjs/core'
import type { PilotReading } from '@pilotjs/core/pilot-config'
import { nearestName } from '@pilotjs/core/names'
import { pilotModelName, readPilotConfig } from '@pilotjs/core/pilot-config'
import * as z from 'zod'
import { ExperimentError, messageOf } from '../experiment-error'
import type { Loaded, Registry } from '../registry/registry'
import { runConfigSchema } from '../run-directory/run-config'
import type { RunConfig } from '../run-directory/run-config'
import type { Settings } from './settings'

/** What a config asks for, before anything outdoes it. */
export interface ConfigReading {
  readonly loaded: Loaded<'method'>
  readonly settings: Settings
  /** What was understood in a way that one may want to know. */
  readonly notes: readonly string[]
  /** Whether it is one of PILOT's. */
  readonly ofPilot: boolean
}

/**
 * Reads a config of this toolbox (a run's `config.json`) or one of PILOT's `exps/*.json`.
 * @throws ExperimentError `invalid-config`, `unknown-model-name`; core's PilotConfigError for a PILOT config that cannot be
 *   followed
 */
export async function readConfig(file: string, cwd: string, registry: Registry): Promise<ConfigReading> {
  const config = await readJsonFile(resolve(cwd, file), file)
  const modelName = pilotModelName(config)
  if (modelName !== undefined) {
    const loaded = await methodOfPilot(modelName, registry)
    return { loaded, ...fromPilot(readPilotConfig(config, loaded.value)), ofPilot: true }
  }
  const read = runConfigSchema.partial({ data: true, backbone: true, stream: true, seed: true }).safeParse(config)
  if (!read.success)
    throw new ExperimentError(
      'invalid-config',
      { file, fields: read.error.issues.map(({ path }) => path.join('.')) },
      `${file} is neither a run's config nor one of PILOT's (which have a model_name):\n${z.prettifyError(read.error)}`,
    )
  const { method, seed, data, stream, options, ...rest } = read.data
  return {
    loaded: await registry.load('method', method),
    settings: {
      ...(data && dataSettings(data)),
      ...stream,
      backbone: rest.backbone,
      preprocessing: rest.preprocessing,
      precision: rest.precision,
      compat: rest.compat,
      engine: rest.engine,
      scoreBatchSize: rest.scoreBatchSize,
      tuning: rest.tuning,
      options: options as Record<string, JsonValue>,
      ...(seed === undefined ? {} : { seeds: [seed] }),
    },
    notes: [],
    ofPilot: false,
  }
}

const dataSettings = ({ name, root, ...rest }: RunConfig['data']): Settings => ({ data: name, dataRoot: root, ...rest })

function fromPilot(reading: PilotReading<unknown>): Pick<ConfigReading, 'settings' | 'notes'> {
  const { dataset: data, options, ignored, ...rest } = reading
  return { settings: { ...rest, data, options: options as Record<string, JsonValue> }, notes: notesOn(ignored) }
}

/** A line for each reason: `prefix is ignored: …`, `memory_size, fixed_memory are ignored: …`. */
function notesOn(ignored: PilotReading<unknown>['ignored']): string[] {
  const byReason = new Map<string, string[]>()
  for (const { key, reason } of ignored) byReason.set(reason, [...(byReason.get(reason) ?? []), key])
  return [...byReason].map(
    ([reason, keys]) => `${keys.join(', ')} ${keys.length > 1 ? 'are' : 'is'} ignored: ${reason}`,
  )
}

/** The method that reads a PILOT `model_name`. @throws ExperimentError `unknown-model-name` naming those that are understood */
async function methodOfPilot(modelName: string, registry: Registry): Promise<Loaded<'method'>> {
  const known: string[] = []
  const found = await registry.list('method')
  // What comes along first: others are imported only for a name that none of those reads.
  for (const each of [...found.filter(({ bundled }) => bundled), ...found.filter(({ bundled }) => !bundled)]) {
    const loaded = await registry.open({ ...each, kind: 'method' }).catch(() => undefined)
    if (loaded?.value.pilot?.modelNames.includes(modelName)) return loaded
    known.push(...(loaded?.value.pilot?.modelNames ?? []))
  }
  const nearest = nearestName(modelName, known)
  throw new ExperimentError(
    'unknown-model-name',
    { name: modelName, known, ...(nearest === undefined ? {} : { nearest }) },
    `no installed method reads PILOT's model_name "${modelName}"; ${nearest ? `did you mean "${nearest}"? Understood` : 'understood'} are ${known.join(', ')}`,
  )
}

async function readJsonFile(file: string, shown: string): Promise<unknown> {
  const invalid = (message: string) => new ExperimentError('invalid-config', { file: shown, fields: [] }, message)
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    throw invalid(error.code === 'ENOENT' ? `there is no file ${shown}` : `${shown} cannot be read: ${error.message}`)
  })
  try {
    // A byte order mark, as editors on Windows leave it, is no part of JSON.
    return JSON.parse(text.replace(/^\uFEFF/, '')) as unknown
  } catch (error) {
    throw invalid(`${shown} is not JSON: ${messageOf(error)}`)
  }
}
