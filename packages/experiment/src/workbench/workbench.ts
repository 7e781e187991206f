import type { Backbone, Learner, Method } from '@pilotjs/core'
import { parsePreprocessing } from '@pilotjs/core/backbones'
import type { NodeEngine } from '@pilotjs/core/node'
import { selectEngine } from '@pilotjs/core/node'
import type { Dataset, Stream, Transforms } from '@pilotjs/data'
import { describeReading, longTailed, transformsFor } from '@pilotjs/data'
import { resolveDataset, workerLoader } from '@pilotjs/data/node'
import { resolveBackbone } from '@pilotjs/hub'
import { ExperimentError } from '../experiment-error'
import { registerBackbones } from '../registry/register-backbones'
import type { Registry } from '../registry/registry'
import type { RunConfig } from '../run-directory/run-config'
import { digestDataset } from './digest-dataset'
import { limitDataset } from './limit-dataset'
import { requireAccepted } from './require-accepted'
import { splitStream } from './split-stream'
import { validationSplit } from './validation-split'
import { transformsOf } from './transforms-of'

/** All that a run's config asks for, made and checked against each other; nothing has been learned yet. */
export interface Experiment {
  readonly engine: string
  readonly backbone: Backbone
  readonly transforms: Transforms
  readonly stream: Stream
  createLearner(): Learner
}

/** Told while something large is fetched or looked through. */
export type OnPreparing = (what: string, done: number, total: number) => void

/** Makes experiments, and keeps what several of them share: the engine, backbones, datasets. */
export interface Workbench {
  /**
   * @throws ExperimentError, core's and data's errors, for what is not there or does not go together; a learner is made once on
   *   the way, so that what it refuses shows now
   */
  prepare(config: RunConfig, method: Method): Promise<Experiment>
  /** What is needed to score images with a saved learner: everything but the data. */
  backbone(config: RunConfig): Promise<Backbone>
  /** One digest of names and contents of the data that a config asks for, whatever stream is made of them. */
  dataDigest(config: RunConfig): Promise<string>
  /** The data alone, as many of them as the config takes. */
  dataset(config: RunConfig): Promise<Dataset>
  close(): Promise<void>
}

export interface WorkbenchOptions {
  readonly registry: Registry
  readonly signal?: AbortSignal
  readonly onPreparing?: OnPreparing
  /** Told what one should know of the data and the weights, once each. */
  readonly onNotice?: (message: string) => void
  /** Read of every image beforehand: its header (default), all of it, or nothing. */
  readonly check?: 'none' | 'header' | 'decode'
  /** Stand in for what the config names. */
  readonly dataset?: Dataset
  readonly backbone?: Backbone
}

export function createWorkbench(options: WorkbenchOptions): Workbench {
  const { registry, signal } = options
  const backbones = new Map<string, Promise<Backbone>>()
  const digests = new Map<string, Promise<string>>()
  const datasets = new Map<string, Promise<Dataset>>()
  const loader = workerLoader()
  let engine: { readonly asked: string; readonly selected: string } | undefined

  const start = async (asked: string) => {
    if (engine && (engine.asked === asked || engine.selected === asked)) return engine.selected
    const { engine: selected } = await selectEngine(asked as NodeEngine | 'auto')
    engine = { asked, selected }
    return selected
  }
  const told = new Set<string>()
  const notice = (message: string) => {
    if (!told.has(message)) options.onNotice?.(message)
    told.add(message)
  }
  const keep = <T>(kept: Map<string, Promise<T>>, key: string, make: () => Promise<T>) => {
    const found = kept.get(key) ?? make()
    kept.set(key, found)
    return found
  }
  const backbone = ({ backbone: name, preprocessing, precision }: RunConfig) =>
    keep(backbones, `${name}\n${preprocessing ?? ''}\n${precision ?? ''}`, async () => {
      await registerBackbones(registry)
      return resolveBackbone(name, {
        signal,
        precision,
        ...(preprocessing === undefined ? {} : { preprocessing: parsePreprocessing(preprocessing) }),
        onNotice: ({ message }) => notice(message),
        onProgress: ({ file, received, total }) => options.onPreparing?.(`downloading ${file}`, received, total),
      })
    })
  const dataset = ({ data: { name, root, testFraction, kind, orientation }, seed }: RunConfig) =>
    keep(datasets, JSON.stringify([root, name, testFraction, testFraction && seed, kind, orientation]), async () => {
      const made = await resolveDataset(name, {
        root,
        check: options.check,
        kind,
        orientation,
        ...(testFraction === undefined ? {} : { split: { testFraction, seed } }),
        download: true,
        others: await datasetPackages(registry),
        signal,
        onProgress: (stage, done, total) =>
          options.onPreparing?.(stage === 'download' ? `downloading ${name}` : `looking through ${name}`, done, total),
      })
      if (made.reading) notice(`${name}: ${describeReading(made.reading)}`)
      return made
    })

  const limited = async (config: RunConfig): Promise<Dataset> => {
    const whole = options.dataset ?? (await dataset(config))
    const data = asAsked(config, whole)
    if (config.data.perClass ?? config.data.longTailed) notice(describeTaken(config.data.name, data))
    return data
  }

  return {
    dataset: limited,
    async prepare(config, method) {
      const selected = await start(config.engine)
      const data = await limited(config)
      const network = options.backbone ?? (await backbone(config))
      requireAsked(config, network)
      const transforms = transformsOf(config, network.preprocessing)
      const stream = splitStream(config, data, { transforms, loader, seed: config.seed })
      requireAccepted(method, stream, config.stream.scenario)
      const create = () => createLearner(config, method, network, stream.plan)
      create().dispose()
      return { engine: selected, backbone: network, transforms, stream, createLearner: create }
    },
    async backbone(config) {
      await start(config.engine)
      return options.backbone ?? backbone(config)
    },
    dataDigest: (config) =>
      keep(
        digests,
        JSON.stringify([
          config.data,
          (config.data.testFraction ?? config.data.longTailed) && [config.seed, config.stream.shuffle],
        ]),
        async () => {
          const { preprocessing } = options.backbone ?? (await backbone(config))
          return digestDataset(await limited(config), { transforms: transformsFor(preprocessing) }, signal)
        },
      ),
    async close() {
      await loader.close()
      for (const made of backbones.values()) (await made.catch(() => undefined))?.dispose()
    },
  }
}

/** Of a dataset what the config wants of it: fewer images, a part of them to choose options by, classes that grow smaller. */
function asAsked({ data, stream, seed }: RunConfig, whole: Dataset): Dataset {
  const { perClass, validation, longTailed: tail } = data
  const limited = perClass ? limitDataset(whole, perClass) : whole
  const kept = validation ? validationSplit(limited, validation) : limited
  return tail ? longTailed(kept, { ...tail, shuffle: stream.shuffle, seed }) : kept
}

/** `photos: of these 40 training images are taken, 2 to 10 of a class` */
function describeTaken(name: string, { classNames, train }: Dataset): string {
  const counts = classNames.map(() => 0)
  for (const label of train.labels) counts[label]!++
  const [least, most] = [Math.min(...counts), Math.max(...counts)]
  return `${name}: ${train.length} training images are taken, ${least === most ? least : `${least} to ${most}`} of a class`
}

async function datasetPackages(registry: Registry): Promise<Record<string, () => Promise<Dataset>>> {
  const found = await registry.list('dataset')
  return Object.fromEntries(
    found.map((each) => [each.name, async () => (await registry.open({ ...each, kind: 'dataset' })).value.load()]),
  )
}

/** @throws ExperimentError `invalid-config` where a backbone that was given has another precision than the config asks for */
function requireAsked({ precision }: RunConfig, { name, precision: has = 'fp32' }: Backbone): void {
  if (precision === undefined || precision === has) return
  throw new ExperimentError(
    'invalid-config',
    { fields: ['precision'] },
    `the config asks for precision ${precision}, and the backbone "${name}" that is given is at ${has}: bring it there by atPrecision`,
  )
}

/** The same seed draws the same start, whoever makes the learner: a new run, a resumed one, a prediction. */
export const createLearner = (config: RunConfig, method: Method, backbone: Backbone, plan: Stream['plan']): Learner =>
  method(config.options).create({ backbone, seed: config.seed, plan })
