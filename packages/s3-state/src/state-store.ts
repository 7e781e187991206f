import { randomUUID } from 'node:crypto'
import { mkdir, rename, rm, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { StateAddress } from './address'
import { stateAddress } from './address'
import type { Head, StoredFile } from './head'
import { headSchema } from './head'
import type { Objects, Tagged } from './objects'
import { objectsAt } from './objects'
import { digestOf, runFiles } from './run-files'
import { StateError } from './state-error'

/** States of runs in a bucket, so that a run goes on elsewhere though no two machines share a folder. */
export interface StateStore {
  /** `s3://bucket/prefix`, for logs. */
  readonly shown: string
  /** Looks whether it can be used. @throws StateError `state-unreachable`, `state-refused`, `state-unfenced` */
  check(): Promise<void>
  /** What is stored of a run; undefined where nothing is. */
  find(run: string): Promise<Pick<Head, 'fence' | 'complete'> | undefined>
  /**
   * Takes a run for whoever was given it with this fence: from then on nobody with a lower one can change what counts of it.
   * @throws StateError `state-taken-over` where a higher one, or this one, was there first
   */
  claim(run: string, fence: number): Promise<StoredRun>
  /** Puts a complete run into a folder that is not there yet, or is replaced: whole or not at all. */
  fetch(run: string, folder: string): Promise<void>
  /** Removes all that is stored of a run. */
  forget(run: string): Promise<void>
  close(): void
}

/** A run that is this worker's to write to, until another takes it. */
export interface StoredRun {
  /** Whether there are files of it that `restore` would bring. */
  readonly begun: boolean
  /** Puts the files of its last saved task into a folder. @throws StateError `state-damaged` */
  restore(folder: string): Promise<void>
  /** Stores what has changed in a folder; what is not in it any more is not of the run any more. @throws StateError */
  save(folder: string, complete: boolean): Promise<void>
}

/** Attempts to be the one who writes, where several do so at the same moment. */
const ATTEMPTS = 20

/**
 * @param url `s3://BUCKET[/PREFIX]`; server, region and keys come from the environment, as the AWS client reads them
 * @throws StateError `state-address`
 */
export function openStateStore(url: string, env: NodeJS.ProcessEnv = process.env): StateStore {
  const address = stateAddress(url)
  return storeOf(objectsAt(address, env), address)
}

function storeOf(objects: Objects, { shown }: StateAddress): StateStore {
  const headOf = async (run: string): Promise<(Tagged & { readonly head: Head }) | undefined> => {
    const found = await objects.read(`${run}/head.json`)
    return found && { ...found, head: parsed(found.text, `${shown}/${run}/head.json`) }
  }
  const takenOver = (run: string) =>
    new StateError('state-taken-over', `another worker has taken over ${run}: nothing more of it is stored from here`, {
      run,
    })
  const bring = async (run: string, { files }: Head, folder: string): Promise<void> => {
    for (const [name, { key, sha256 }] of Object.entries(files)) {
      const file = join(folder, name)
      await mkdir(dirname(file), { recursive: true })
      await objects.download(`${run}/${key}`, file)
      if ((await digestOf(file)) !== sha256) throw damaged(`${shown}/${run}/${key}`)
    }
  }

  return {
    shown,
    async check() {
      const key = `probe-${randomUUID()}`
      const first = await objects.swap(key, '1', undefined)
      // A server that does not know conditional writes takes both of these.
      const twice = await objects.swap(key, '2', undefined)
      const stale = await objects.swap(key, '3', '"00000000000000000000000000000000"')
      await objects.remove([key])
      if (first !== undefined && twice === undefined && stale === undefined) return
      throw new StateError(
        'state-unfenced',
        `the state store (${shown}) does not know conditional writes (If-Match, If-None-Match), which keep out a worker ` +
          'that lost its run; S3, MinIO, Ceph and R2 of today do',
        { state: shown },
      )
    },
    async find(run) {
      return (await headOf(run))?.head
    },
    async claim(run, fence) {
      for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
        const before = await headOf(run)
        if (before && before.head.fence >= fence) throw takenOver(run)
        const head: Head = { format: 1, complete: false, files: {}, ...before?.head, fence, writer: randomUUID() }
        const tag = await objects.swap(`${run}/head.json`, JSON.stringify(head), before?.tag)
        if (tag !== undefined) return owned(objects, run, { head, tag }, { bring, takenOver: () => takenOver(run) })
      }
      throw takenOver(run)
    },
    async fetch(run, folder) {
      const found = await headOf(run)
      if (!found?.head.complete) throw damaged(`${shown}/${run}/head.json`)
      const aside = join(dirname(folder), `.receiving-${randomUUID()}`)
      try {
        await bring(run, found.head, aside)
        await rm(folder, { recursive: true, force: true })
        await rename(aside, folder)
      } finally {
        await rm(aside, { recursive: true, force: true })
      }
    },
    async forget(run) {
      await objects.remove(await objects.list(`${run}/`))
    },
    close: () => objects.close(),
  }
}

function owned(
  objects: Objects,
  run: string,
  claim: { readonly head: Head; readonly tag: string },
  { bring, takenOver }: { bring(run: string, head: Head, folder: string): Promise<void>; takenOver: () => StateError },
): StoredRun {
  let { head, tag } = claim
  /** When a file was last stored, so that one that is the same need not be read again. */
  const stored = new Map<string, string>()
  const stampOf = async (file: string) => {
    const { size, mtimeNs, ino } = await stat(file, { bigint: true })
    return `${size} ${mtimeNs} ${ino}`
  }
  let count = 0
  return {
    begun: Object.keys(head.files).length > 0,
    restore: (folder) => bring(run, head, folder),
    async save(folder, complete) {
      const files: Record<string, StoredFile> = {}
      for (const { name, file, bytes } of await runFiles(folder)) {
        const stamp = await stampOf(file)
        const before = head.files[name]
        if (before && stored.get(name) === stamp) {
          files[name] = before
          continue
        }
        const sha256 = await digestOf(file)
        if (before?.sha256 === sha256) files[name] = before
        else {
          const key = `${head.fence}/${count++}`
          await objects.upload(`${run}/${key}`, file)
          files[name] = { key, sha256, bytes }
        }
        stored.set(name, stamp)
      }
      const next: Head = { ...head, complete, files }
      const nextTag = await objects.swap(`${run}/head.json`, JSON.stringify(next), tag)
      if (nextTag === undefined) throw takenOver()
      const kept = new Set(Object.values(files).map(({ key }) => key))
      const outdated = Object.values(head.files).filter(({ key }) => !kept.has(key))
      head = next
      tag = nextTag
      // What is left behind costs room, and no run.
      if (outdated.length > 0) await objects.remove(outdated.map(({ key }) => `${run}/${key}`)).catch(() => undefined)
    },
  }
}

function parsed(text: string, shown: string): Head {
  try {
    return headSchema.parse(JSON.parse(text))
  } catch (error) {
    throw damaged(shown, error)
  }
}

const damaged = (what: string, cause?: unknown) =>
  new StateError(
    'state-damaged',
    `${what} is not what was stored there; remove the run from the store to begin it anew`,
    {
      file: what,
    },
    { cause },
  )
