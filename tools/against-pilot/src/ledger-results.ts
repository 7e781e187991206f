import { createHash } from 'node:crypto'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Result } from '@pilotjs/ledger'
import { ledger, renderLedger, resultsSchema, withResult } from '@pilotjs/ledger'
import type { SharedBackbone } from './backbone'
import type { Pair } from './comparison'
import type { PilotConfig } from './job'
import { mean } from './statistics'

export interface Compared {
  /** As the ledger names the method. */
  readonly method: string
  readonly data: string
  readonly increment: number
  readonly backbone: SharedBackbone
  /** PILOT's config as it is, and as it was run. */
  readonly shipped: PilotConfig
  readonly config: PilotConfig
  readonly pairs: readonly Pair[]
  /** PILOT's commit. */
  readonly version: string
  readonly date: Date
}

/** What says how the experiment is cut, not how the method learns. */
const stream = new Set(['init_cls', 'increment', 'shuffle', 'seed', 'device', 'dataset', 'prefix'])

/** What PILOT reached, for the ledger: by its head, and by the nearest mean of exemplars where it has that. */
export async function pilotResults(compared: Compared): Promise<Result[]> {
  const { method, data, increment, backbone, shipped, config, pairs, version, date } = compared
  const changed = Object.entries(config).filter(
    ([key, value]) => !stream.has(key) && JSON.stringify(value) !== JSON.stringify(shipped[key]),
  )
  const weights = createHash('sha256')
    .update(await readFile(backbone.weights))
    .digest('hex')
  const result = (name: string, reading: 'head' | 'nearestMean'): Result => ({
    by: 'pilot',
    method: name,
    data,
    increment,
    backbone: backbone.name,
    weights,
    seeds: pairs.map(({ seed }) => seed),
    last: pairs.map(({ pilot }) => pilot[reading].at(-1)!),
    average: pairs.map(({ pilot }) => mean(pilot[reading])),
    classOrder: config.shuffle === false ? 'dataset' : 'seed',
    options: Object.fromEntries(changed) as Result['options'],
    date: date.toISOString().slice(0, 10),
    version,
  })
  const byMean = pairs.every(({ pilot }) => pilot.nearestMean.length > 0)
  return [result(method, 'head'), ...(byMean ? [result(`${method}-nearest-mean`, 'nearestMean')] : [])]
}

/** Adds results to a folder's `ledger.json`, and writes its `ledger.md` anew. */
export async function addToLedger(folder: string, added: readonly Result[]): Promise<void> {
  const file = join(folder, 'ledger.json')
  const before = resultsSchema.parse(JSON.parse(await readFile(file, 'utf8')))
  const results = added.reduce(withResult, before)
  await writeFile(file, `${JSON.stringify(results, undefined, 2)}\n`)
  await writeFile(join(folder, 'ledger.md'), renderLedger(ledger(results)))
}
