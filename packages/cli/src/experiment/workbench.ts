import type { Backbone, Learner, Method } from '@pilotjs/core'
import { createRng } from '@pilotjs/core'
import type { NodeEngine } from '@pilotjs/core/node'
import { selectEngine } from '@pilotjs/core/node'
import type { Dataset, Stream, Transforms } from '@pilotjs/data'
import { classIncremental, domainIncremental, taskIncremental, transformsFor } from '@pilotjs/data'
import { resolveDataset, workerLoader } from '@pilotjs/data/node'
import type { RunConfig } from '@pilotjs/eval/node'
import { resolveBackbone } from '@pilotjs/hub'
import { UsageError } from '../usage-error'
import { limitDataset } from './limit-dataset'
import { embeddedDatasets, registerEmbedded } from './embedded'

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
  prepare(config: RunConfig, method: Method): Promise<Experiment>
  /** What is needed to score images with a saved learner: everything but the data. */
  backbone(config: RunConfig): Promise<Backbone>
  close(): Promise<void>
}

export function createWorkbench(
  options: { readonly signal?: AbortSignal; readonly onPreparing?: OnPreparing } = {},
): Workbench {
  registerEmbedded()
  const backbones = new Map<string, Promise<Backbone>>()
  const datasets = new Map<string, Promise<Dataset>>()
  const loader = workerLoader()
  let engine: { readonly asked: string; readonly selected: string } | undefined

  const start = async (asked: string) => {
    if (engine && (engine.asked === asked || engine.selected === asked)) return engine.selected
    const { engine: selected } = await selectEngine(asked as NodeEngine | 'auto')
    engine = { asked, selected }
    return selected
  }
  const keep = <T>(kept: Map<string, Promise<T>>, key: string, make: () => Promise<T>) => {
    const found = kept.get(key) ?? make()
    kept.set(key, found)
    return found
  }
  const backbone = (name: string) =>
    keep(backbones, name, () =>
      resolveBackbone(name, {
        signal: options.signal,
        onProgress: ({ file, received, total }) => options.onPreparing?.(`downloading ${file}`, received, total),
      }),
    )
  const dataset = ({ name, root }: RunConfig['data']) =>
    keep(datasets, `${root ?? ''}\n${name}`, () =>
      resolveDataset(name, {
        root,
        download: true,
        others: embeddedDatasets,
        signal: options.signal,
        onProgress: (stage, done, total) =>
          options.onPreparing?.(stage === 'download' ? `downloading ${name}` : `looking through ${name}`, done, total),
      }),
    )

  return {
    async prepare(config, method) {
      const selected = await start(config.engine)
      const whole = await dataset(config.data)
      const data = config.data.perClass ? limitDataset(whole, config.data.perClass) : whole
      const network = await backbone(config.backbone)
      const transforms = transformsFor(network.preprocessing)
      const supply = { transforms, loader, seed: config.seed }
      const { scenario, baseClasses, increment, shuffle } = config.stream
      const split = { ...supply, shuffle, increment, ...(baseClasses === 0 ? {} : { baseClasses }) }
      const stream = inWordsOfFlags(() =>
        scenario === 'domain-incremental'
          ? domainIncremental(data, supply)
          : scenario === 'task-incremental'
            ? taskIncremental(data, split)
            : classIncremental(data, split),
      )
      return {
        engine: selected,
        backbone: network,
        transforms,
        stream,
        createLearner: () => createLearner(config, method, network, stream.plan),
      }
    },
    async backbone(config) {
      await start(config.engine)
      return backbone(config.backbone)
    },
    async close() {
      await loader.close()
      for (const made of backbones.values()) (await made.catch(() => undefined))?.dispose()
    },
  }
}

const FLAGS: Readonly<Record<string, string>> = {
  baseClasses: '--init-cls',
  increment: '--increment',
  classIncremental: '--scenario class-incremental',
}

/** @throws UsageError for what a splitter refuses, its options called by the names of the command's flags */
function inWordsOfFlags(split: () => Stream): Stream {
  try {
    return split()
  } catch (error) {
    if (!(error instanceof RangeError)) throw error
    throw new UsageError(error.message.replace(/\b(baseClasses|increment|classIncremental)\b/g, (name) => FLAGS[name]!))
  }
}

/** The same seed draws the same start, whoever makes the learner: a new run, a resumed one, a prediction. */
export const createLearner = (config: RunConfig, method: Method, backbone: Backbone, plan: Stream['plan']): Learner =>
  method.create({
    backbone,
    options: method.options.parse(config.options),
    rng: createRng(config.seed).fork('learner'),
    plan,
  })
