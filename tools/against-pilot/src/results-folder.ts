import { existsSync } from 'node:fs'
import { mkdir, readFile, readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Pair } from './comparison'
import type { Job, Outcome } from './job'

export type Side = 'pilot' | 'pilotjs'

/**
 * Where results lie: `OUT/CASE/seed-N/pilot.outcome.json` and `pilotjs.outcome.json`, beside the files of the runs themselves.
 */
export const seedFolder = (out: string, name: string, seed: number) => join(out, name, `seed-${seed}`)

const outcomeFile = (folder: string, side: Side) => join(folder, `${side}.outcome.json`)

/** The outcome of the very same job, if it was done before. */
export async function savedOutcome(folder: string, side: Side, job: Job): Promise<Outcome | undefined> {
  const file = outcomeFile(folder, side)
  if (!existsSync(file)) return undefined
  const saved = JSON.parse(await readFile(file, 'utf8')) as { job: Job; outcome: Outcome }
  return JSON.stringify(saved.job) === JSON.stringify(job) ? saved.outcome : undefined
}

export async function saveOutcome(folder: string, side: Side, job: Job, outcome: Outcome): Promise<void> {
  await mkdir(folder, { recursive: true })
  await writeFile(outcomeFile(folder, side), JSON.stringify({ job, outcome }, undefined, 2))
}

/** All pairs of a case, by seed. */
export async function savedPairs(out: string, name: string): Promise<Pair[]> {
  const folder = join(out, name)
  if (!existsSync(folder)) return []
  const pairs: Pair[] = []
  for (const entry of await readdir(folder)) {
    const seed = Number(/^seed-(\d+)$/.exec(entry)?.[1] ?? NaN)
    const files = (['pilot', 'pilotjs'] as const).map((side) => outcomeFile(join(folder, entry), side))
    if (Number.isNaN(seed) || !files.every(existsSync)) continue
    const [pilot, pilotjs] = await Promise.all(
      files.map(async (file) => (JSON.parse(await readFile(file, 'utf8')) as { outcome: Outcome }).outcome),
    )
    pairs.push({ seed, pilot: pilot!, pilotjs: pilotjs! })
  }
  return pairs.sort((a, b) => a.seed - b.seed)
}
