import { randomUUID } from 'node:crypto'
import { readFile, rm, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { makeFolder, refusalOf, writeFileAtomic } from '@pilotjs/core/node'
import * as z from 'zod'
import { ExperimentError, messageOf } from '../experiment-error'
import { exists, layout, toJson } from '../run-directory/layout'
import { readSaved } from '../run-directory/read-saved'
import type { RunDirectory } from '../run-directory/open-run'
import { openRun } from '../run-directory/open-run'
import type { SweepRun, TaskNews } from './sweep-run'
import type { SweepSettings } from './sweep-settings'

/**
 * The folder of a sweep:
 *
 *     sweep.json           what was asked for last; `pilot sweep` takes it again
 *     runs.json            which folder is which run
 *     METHOD-DIGEST/       a run
 *     report.html
 */
export interface SweepFolder {
  readonly path: string
  /** What stands in its `.mark`: whoever sees the same there sees the same folder. */
  readonly mark: string
  readonly runs: readonly SweepRun[]
  /** What is saved of a run. */
  state(run: SweepRun): Promise<{ readonly records: readonly TaskNews[]; readonly complete: boolean }>
  /** Runs with at least one task saved, in the sweep's order; those that cannot be read are left out. */
  readable(): Promise<RunDirectory[]>
}

/**
 * Makes the folder of a sweep, or takes one up again: runs that are there stay, whatever sweep they came with.
 * @throws ExperimentError `folder-not-writable`
 */
export async function openSweepFolder(
  out: string,
  settings: SweepSettings,
  runs: readonly SweepRun[],
): Promise<SweepFolder> {
  const path = resolve(out)
  let mark: string
  try {
    await makeFolder(path)
    // A full disk shows when something is written, not when a name is made.
    await writeFile(join(path, '.probe'), Buffer.alloc(4096))
    await rm(join(path, '.probe'), { force: true })
    mark = (await markOf(path)) ?? (await marked(path))
    await writeFileAtomic(join(path, 'sweep.json'), toJson(settings))
    await writeFileAtomic(join(path, 'runs.json'), toJson(runs.map(({ folder, label }) => ({ folder, label }))))
  } catch (error) {
    const reason = refusalOf(error) ?? messageOf(error)
    throw new ExperimentError('folder-not-writable', { folder: path }, `cannot write to ${path}: ${reason}`, {
      cause: error,
    })
  }
  return {
    path,
    mark,
    runs,
    async state(run) {
      const opened = await opening(join(path, run.folder))
      const seconds = ({ learnSeconds, scoreSeconds }: RunDirectory['costs'][number]) => learnSeconds + scoreSeconds
      return {
        records: opened?.records.map(({ accuracy }, i) => ({ accuracy, seconds: seconds(opened.costs[i]!) })) ?? [],
        complete: opened?.complete ?? false,
      }
    },
    async readable() {
      const found: RunDirectory[] = []
      for (const { folder } of runs) {
        const run = await opening(join(path, folder))
        if (run && run.records.length > 0 && (await run.last().catch(() => undefined))) found.push(run)
      }
      return found
    },
  }
}

/** What stands in a sweep's folder to know it by; undefined where there is none to be seen. */
export const markOf = (path: string): Promise<string | undefined> =>
  readFile(join(path, '.mark'), 'utf8').then(
    (mark) => mark.trim() || undefined,
    () => undefined,
  )

const runsSchema = z.array(z.object({ folder: z.string(), label: z.string() }))

/** The runs of the sweep that a folder was last opened for, without looking through anything; undefined where there is none. */
export async function runsIn(path: string): Promise<Pick<SweepRun, 'id' | 'label'>[] | undefined> {
  const file = join(path, 'runs.json')
  if (!(await exists(file))) return undefined
  const runs = await readSaved(file, runsSchema)
  return runs.map(({ folder, label }) => ({ id: folder.slice(folder.lastIndexOf('-') + 1), label }))
}

/** Two sweeps that begin in a new folder at the same moment take what the first has written. */
async function marked(path: string): Promise<string> {
  await writeFile(join(path, '.mark'), randomUUID(), { flag: 'wx' }).catch(() => undefined)
  const mark = await markOf(path)
  if (mark === undefined) throw new Error(`${join(path, '.mark')} cannot be read back`)
  return mark
}

/** Undefined where there is no run, or a damaged one: whoever goes on with it says what is wrong. */
const opening = async (folder: string): Promise<RunDirectory | undefined> =>
  (await exists(layout(folder).config)) ? openRun(folder).catch(() => undefined) : undefined
