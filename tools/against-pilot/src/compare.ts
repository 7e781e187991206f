import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { SharedBackbone } from './backbone'
import type { Case } from './cases'
import { comparedConfig, shippedConfig } from './cases'
import type { Job, Outcome } from './job'
import type { Side } from './results-folder'
import { saveOutcome, savedOutcome, seedFolder } from './results-folder'
import type { PilotPlace } from './run-pilot'
import { runPilot } from './run-pilot'
import { runPilotjs, startPilotjs } from './run-pilotjs'
import type { Scale } from './scale'

export interface CompareOptions extends PilotPlace {
  readonly images: string
  readonly backbone: SharedBackbone
  readonly scale: Scale
  readonly seeds: readonly number[]
  readonly threads: number
  /** Folder that takes configs, logs and outcomes; what is there already is not run again. */
  readonly out: string
  readonly signal?: AbortSignal
  print(line: string): void
}

/**
 * Runs a case on both sides in turn, seed by seed.
 * @throws CommandError of the side that went wrong
 */
export async function compare(each: Case, options: CompareOptions): Promise<void> {
  const { images, backbone, threads, out, signal, print } = options
  const config = comparedConfig(each, await shippedConfig(each, options.checkout), options.scale)
  await mkdir(join(out, each.name), { recursive: true })
  const start = await startPilotjs(each.method, options.python, join(out, each.name), signal)
  for (const seed of options.seeds) {
    const job: Job = { method: each.method, config, seed, images, backbone, threads }
    const folder = seedFolder(out, each.name, seed)
    await mkdir(folder, { recursive: true })
    const side = async (name: Side, run: () => Promise<Outcome>) => {
      const saved = await savedOutcome(folder, name, job)
      if (saved) return
      const outcome = await run()
      await saveOutcome(folder, name, job, outcome)
      const last = outcome.head.at(-1)!.toFixed(1)
      print(`${each.name}, seed ${seed}, ${name}: ${last} % last, ${outcome.cpuSeconds.toFixed(1)} CPU seconds`)
    }
    await side('pilot', () => runPilot(job, options, folder, signal))
    await side('pilotjs', () => runPilotjs(job, start, options.python, folder, signal))
  }
}
