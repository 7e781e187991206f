import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Job, Outcome } from './job'
import { measured, pythonFile } from './measured'

export interface PilotPlace {
  /** PILOT's checkout. */
  readonly checkout: string
  /** Python with torch, torchvision, timm 0.6.12, scipy, easydict, tqdm, safetensors. */
  readonly python: string
}

/** Runs PILOT on a job, its files in `folder`. */
export async function runPilot(job: Job, place: PilotPlace, folder: string, signal?: AbortSignal): Promise<Outcome> {
  const file = join(folder, 'pilot.json')
  const { images, backbone, threads, config, seed } = job
  // -1 is PILOT's word for the CPU.
  const given = { ...config, seed: [seed], device: [-1] }
  const scratch = join(folder, 'pilot')
  await writeFile(file, JSON.stringify({ checkout: place.checkout, config: given, images, backbone, threads, scratch }))
  const cost = await measured([place.python, pythonFile('run_pilot.py'), file], {
    python: place.python,
    env: { OMP_NUM_THREADS: String(threads), MKL_NUM_THREADS: String(threads), TQDM_DISABLE: '1' },
    cwd: folder,
    log: join(folder, 'pilot.log'),
    signal,
  })
  const result = await readFile(join(folder, 'pilot.result.json'), 'utf8')
  return { ...(JSON.parse(result) as Pick<Outcome, 'head' | 'nearestMean' | 'startCpuSeconds' | 'versions'>), ...cost }
}
