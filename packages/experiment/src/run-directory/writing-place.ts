import { randomUUID } from 'node:crypto'
import { closeSync, fstatSync, openSync, renameSync, truncateSync, writeSync } from 'node:fs'
import { mkdir, readdir, rename, rm } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { makeFolder, writeFileAtomic } from '@pilotjs/core/node'
import { ExperimentError } from '../experiment-error'
import { exists, layout } from './layout'

/** Where a process writes what is then renamed into a run, so that nobody sees half of it. */
export interface WritingPlace {
  /** Whether others may take the run over while it is written to. */
  readonly fenced: boolean
  /** An empty folder for a task's files. @returns its path */
  begin(index: number): Promise<string>
  /** A small file of the run, all of it or what was there before. */
  write(file: string, content: string): Promise<void>
  /**
   * Opens a file of the run to be added to, behind what it is to begin with. @returns a file descriptor. What is added after
   * another process has taken the run over does not reach it.
   */
  append(file: string, whole: string): number
  /** Whether another process has taken the run over: nothing that is written here can reach it any more. */
  lost(): Promise<boolean>
  close(): Promise<void>
}

const PREFIX = '.claim-'
const claimOf = (folder: string, fence: number) => join(folder, `${PREFIX}${fence}`)

/** The claims in a run's folder, whoever left them. */
export async function fencesIn(folder: string): Promise<number[]> {
  const names = await readdir(folder).catch(() => [])
  return names.flatMap((name) => (/^\.claim-\d+$/.test(name) ? [Number(name.slice(PREFIX.length))] : []))
}

/** For a run that one machine's processes share: its lock keeps the others out. */
export async function sharedPlace(folder: string): Promise<WritingPlace> {
  // Whoever holds the lock may: what machines that fell silent have left does not count any more.
  for (const fence of await fencesIn(folder)) await discard(claimOf(folder, fence))
  return {
    fenced: false,
    async begin(index) {
      const aside = layout(folder).aside(index)
      await rm(aside, { recursive: true, force: true })
      await makeFolder(aside)
      return aside
    },
    write: writeFileAtomic,
    append(file, whole) {
      const descriptor = openSync(file, 'a')
      if (fstatSync(descriptor).size !== Buffer.byteLength(whole)) truncateSync(file, Buffer.byteLength(whole))
      return descriptor
    },
    lost: () => Promise.resolve(false),
    close: () => Promise.resolve(),
  }
}

/**
 * For a run that is given out again when its machine falls silent, which may be asleep rather than dead. Everything is written
 * inside a folder that is named after the fence and renamed from there into the run. Whoever takes over moves that folder away
 * first: from then on the earlier process has nothing that it could rename, however late it wakes up.
 * @param fence counted up by whoever gives out the run
 * @throws ExperimentError `taken-over` where a claim with a higher fence, or this one, is there already
 */
export async function fencedPlace(folder: string, fence: number): Promise<WritingPlace> {
  const claim = claimOf(folder, fence)
  const refuse = () =>
    new ExperimentError('taken-over', { folder }, `another process has taken over the run in ${folder}`)
  // A fence is given once: were it there, its process would be another one.
  await mkdir(claim).catch((error: NodeJS.ErrnoException) => {
    throw error.code === 'EEXIST' ? refuse() : error
  })
  // Everybody makes a claim first and looks at the others then: of two at the same time at least one sees the other.
  for (const other of await fencesIn(folder)) {
    if (other < fence) await discard(claimOf(folder, other))
    if (other <= fence) continue
    await discard(claim)
    throw refuse()
  }
  const inClaim = { makeFolder: false }
  return {
    fenced: true,
    async begin(index) {
      const aside = join(claim, String(index))
      await rm(aside, { recursive: true, force: true })
      await mkdir(aside)
      return aside
    },
    async write(file, content) {
      const aside = join(claim, basename(file))
      await writeFileAtomic(aside, content, inClaim)
      await rename(aside, file)
    },
    append(file, whole) {
      // A file of its own takes the name: whoever had opened the one before adds to what nobody reads any more.
      const aside = join(claim, basename(file))
      const descriptor = openSync(aside, 'w')
      try {
        writeSync(descriptor, whole)
        renameSync(aside, file)
      } catch (error) {
        closeSync(descriptor)
        throw error
      }
      return descriptor
    },
    lost: async () => !(await exists(claim)),
    close: () => discard(claim),
  }
}

/** Moves a claim out of its process's reach in one step, then removes it. */
async function discard(claim: string): Promise<void> {
  const away = `${claim}.${randomUUID()}.gone`
  try {
    await rename(claim, away)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return
    throw error
  }
  await rm(away, { recursive: true, force: true })
}
