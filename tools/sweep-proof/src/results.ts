import { createHash } from 'node:crypto'
import { readFile, readdir } from 'node:fs/promises'
import { join, relative } from 'node:path'

const apart = new Set(['report.html', 'events.jsonl'])

/**
 * A digest of every file of every run of a sweep that may not depend on how the run came about: learner, predictions, data,
 * measures and records; of `config.json`, `metrics.json` and `task.json` all but times and costs.
 */
export async function results(sweep: string): Promise<Record<string, string>> {
  const found: Record<string, string> = {}
  for (const entry of await readdir(sweep, { recursive: true, withFileTypes: true })) {
    const file = join(entry.parentPath, entry.name)
    const name = relative(sweep, file)
    // Files of the sweep itself, what is made from the rest, and the diary, which tells of interruptions.
    if (!entry.isFile() || !name.includes('/') || apart.has(entry.name)) continue
    found[name] = createHash('sha256')
      .update(await comparable(file))
      .digest('hex')
  }
  return found
}

async function comparable(file: string): Promise<Uint8Array | string> {
  const bytes = await readFile(file)
  if (!/(config|metrics|task)\.json$/.test(file)) return bytes
  const times = new Set(['started', 'cost', 'costs'])
  return JSON.stringify(JSON.parse(bytes.toString()), (key, value: unknown) => (times.has(key) ? undefined : value))
}

/** What stands in all files of a folder, each as text. */
export async function filesIn(folder: string): Promise<string[]> {
  const entries = (await readdir(folder, { recursive: true, withFileTypes: true })).filter((entry) => entry.isFile())
  return Promise.all(entries.map((entry) => readFile(join(entry.parentPath, entry.name), 'latin1')))
}
