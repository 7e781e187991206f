import { createRequire } from 'node:module'
import { join } from 'node:path'
import { readFileSync } from 'node:fs'
import type { Backbone } from '@pilotjs/core'
import { compareStream } from '@pilotjs/data'
import { ExperimentError } from './experiment-error'
import type { Loaded } from './registry/registry'
import { layout } from './run-directory/layout'
import { readSaved } from './run-directory/read-saved'
import type { RunDirectory } from './run-directory/open-run'
import { savedStreamSchema } from './run-directory/saved-schemas'
import type { Experiment } from './workbench/workbench'

type Run = Pick<RunDirectory, 'path' | 'config'>
export type MethodPackage = Pick<Loaded<'method'>, 'package' | 'version'>

/** @throws ExperimentError `backbone-changed`, `precision-changed` where the weights are not those that the run began with */
export async function requireSameBackbone(
  { config, path }: Run,
  { backbone }: Pick<Experiment, 'backbone'>,
): Promise<void> {
  requireSamePrecision({ config, path }, backbone)
  const began = config.provenance?.backbone
  if (began !== undefined && began !== (await backbone.fingerprint()))
    throw new ExperimentError(
      'backbone-changed',
      { folder: path, backbone: config.backbone, config: layout(path).config },
      `${path} began with other weights of backbone "${config.backbone}"`,
    )
}

/** @throws ExperimentError `precision-changed` naming both */
function requireSamePrecision({ config, path }: Run, backbone: Backbone): void {
  const now = backbone.precision ?? 'fp32'
  const began = config.provenance ? (config.provenance.precision ?? 'fp32') : (config.precision ?? 'fp32')
  if (began === now && (config.precision ?? 'fp32') === now) return
  throw new ExperimentError(
    'precision-changed',
    { folder: path, began, now, config: layout(path).config },
    `${path} began at precision ${began}, and the backbone is at ${now}: features of the one mean little to what was learned of the other`,
  )
}

/** Differences that a message names; there may be hundreds. */
const TOLD = 3

/**
 * @throws ExperimentError `data-changed` naming the class or file where the data are not those that the run began with: with a
 *   class more or less, all labels behind it would move
 */
export async function requireSameData(
  { path }: Run,
  { stream }: Pick<Experiment, 'stream'>,
  options: { readonly signal?: AbortSignal },
): Promise<void> {
  const files = layout(path)
  const differences = (
    await compareStream(await readSaved(files.stream, savedStreamSchema, files), stream, options)
  ).map(({ message }) => message)
  if (differences.length === 0) return
  const more = differences.length > TOLD ? ` (and ${differences.length - TOLD} more)` : ''
  throw new ExperimentError(
    'data-changed',
    { folder: path, differences, config: files.config },
    `${path} began with other data: ${differences.slice(0, TOLD).join('; ')}${more}`,
  )
}

/** Of `onnx:PROVIDER` those of `onnx`. */
const packagesOfEngine = (engine: string): readonly string[] => enginePackages[engine.split(':')[0]!] ?? []

const enginePackages: Readonly<Record<string, readonly string[]>> = {
  onnx: ['@pilotjs/tfjs-backend-onnx', 'onnxruntime-node'],
  'tfjs-node': ['@tensorflow/tfjs-node'],
  'tfjs-node-gpu': ['@tensorflow/tfjs-node-gpu'],
  cpu: ['@tensorflow/tfjs-backend-cpu'],
}

/** Versions of what computes: the method where it is of a package, core, and the engine. */
export function packageVersions(method: MethodPackage | undefined, engine: string): Record<string, string> {
  const core = manifestOf('@pilotjs/core', import.meta.url)
  const versions: Record<string, string> = method ? { [method.package]: method.version } : {}
  if (core) versions['@pilotjs/core'] = core.version
  for (const name of packagesOfEngine(engine)) {
    const found = core && (manifestOf(name, core.file) ?? throughEngine(name, core.file))
    if (found) versions[name] = found.version
  }
  return versions
}

/** What computes beside the method, and where its package.json lies. */
export function installedPackages(
  method: Pick<Loaded<'method'>, 'folder'>,
  engine: string,
): { readonly name: string; readonly file: string; readonly version: string }[] {
  const core = manifestOf('@pilotjs/core', import.meta.url)
  const own = ['core', 'data', 'eval', 'hub'].map((name) => [`@pilotjs/${name}`, import.meta.url] as const)
  const ofMethod = ['core', 'linalg', 'peft', 'rehearsal', 'statistics'].map(
    (name) => [`@pilotjs/${name}`, join(method.folder, 'package.json')] as const,
  )
  const engines = packagesOfEngine(engine).map((name) => [name, core?.file ?? import.meta.url] as const)
  return [...own, ...ofMethod, ...engines].flatMap(([name, from]) => {
    const found = manifestOf(name, from) ?? throughEngine(name, from)
    return found ? [{ name, ...found }] : []
  })
}

/** What the engine itself depends on. */
function throughEngine(name: string, from: string) {
  const engine = manifestOf('@pilotjs/tfjs-backend-onnx', from)
  return engine && manifestOf(name, engine.file)
}

function manifestOf(name: string, from: string): { readonly file: string; readonly version: string } | undefined {
  const require = createRequire(from)
  for (const folder of require.resolve.paths(name) ?? [])
    try {
      const file = join(folder, name, 'package.json')
      return { file, version: String((JSON.parse(readFileSync(file, 'utf8')) as { version?: unknown }).version) }
    } catch {
      continue
    }
  return undefined
}

/**
 * A line for each package whose version is not the one that a run was made with: its numbers may differ in the last digits, or
 * for a reason.
 */
export function versionNotes({ config }: Pick<Run, 'config'>, method: MethodPackage | undefined): string[] {
  const before = config.provenance?.packages ?? {}
  return Object.entries(packageVersions(method, config.engine))
    .filter(([name, version]) => before[name] !== undefined && before[name] !== version)
    .map(([name, version]) => `${name} is ${version}; the run was made with ${before[name]!}`)
}
