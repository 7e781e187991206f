import { messageOf } from '../experiment-error'
import type { RunConfig } from '../run-directory/run-config'
import type { Experiment, Workbench } from '../workbench/workbench'
import type { PlannedRun } from './plan-sweep'
import { invalid } from './plan-sweep'
import { runIdentity } from './run-identity'
import type { SweepRun } from './sweep-run'

export interface CheckOptions {
  readonly signal?: AbortSignal
  /** Told after each setting that was tried: done, of all. */
  onProgress?(done: number, total: number): void
}

/** What a sweep comes to, once everything was tried. */
export interface CheckedSweep {
  readonly runs: readonly SweepRun[]
  /** Bytes of the largest backbone's weights. */
  readonly backboneBytes: number
}

/**
 * Makes every setting's experiment once, learner included, so that what does not fit together shows before anything is learned,
 * and gives every run its name. Runs that come to the same are one.
 * @throws ExperimentError `invalid-sweep` with every setting that cannot be run, and why
 */
export async function checkSweep(
  planned: readonly PlannedRun[],
  bench: Workbench,
  { signal, onProgress }: CheckOptions = {},
): Promise<CheckedSweep> {
  const settings = new Map<string, PlannedRun[]>()
  for (const run of planned) {
    const key = settingOf(run.config)
    settings.set(key, [...(settings.get(key) ?? []), run])
  }
  const runs = new Map<string, SweepRun>()
  const problems: { run: string; message: string }[] = []
  let backboneBytes = 0
  let done = 0
  for (const own of settings.values()) {
    signal?.throwIfAborted()
    const [first] = own as [PlannedRun, ...PlannedRun[]]
    try {
      const experiment = await bench.prepare(first.config, first.loaded.value)
      backboneBytes = Math.max(backboneBytes, bytesOf(experiment))
      const data = await bench.dataDigest(first.config)
      for (const run of own) {
        const checked = await sweepRun(run, experiment, data)
        if (!runs.has(checked.id)) runs.set(checked.id, checked)
      }
    } catch (error) {
      if (signal?.aborted) throw error
      problems.push({ run: first.label, message: messageOf(error) })
    }
    onProgress?.(++done, settings.size)
  }
  if (problems.length > 0) throw invalid(problems, settings.size)
  return { runs: [...runs.values()], backboneBytes }
}

async function sweepRun(
  { label, config }: PlannedRun,
  { engine, backbone, stream }: Experiment,
  data: string,
): Promise<SweepRun> {
  const weights = await backbone.fingerprint()
  const whole = { ...config, engine }
  const id = runIdentity(whole, data, weights)
  const folder = `${config.method.replace(/[^\w.-]+/g, '-').replace(/^-/, '')}-${id}`
  return { id, folder, label, config: whole, tasks: stream.tasks.length, data, backbone: weights }
}

/** Seeds change nothing of what fits together, but for the images that are kept to test with. */
const settingOf = (config: RunConfig): string =>
  JSON.stringify(config.data.testFraction === undefined ? { ...config, seed: 0 } : config)

const bytesOf = ({ backbone }: Experiment): number =>
  Object.values(backbone.parameters).reduce((sum, { size }) => sum + 4 * size, 0)
