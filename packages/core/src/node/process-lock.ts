import { randomUUID } from 'node:crypto'
import { readFile, readdir, rm, rmdir, writeFile } from 'node:fs/promises'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { makeFolder } from './make-folder'

/** Who holds a lock: enough to tell a live process from a dead one whose number was given away again. */
export interface LockOwner {
  readonly pid: number
  readonly host: string
  /** Start time of the process in the kernel's ticks; undefined where the system doesn't tell. */
  readonly started?: string
  /** A number that whoever gives out work counts up: a claim with a higher one takes over from lower ones, alive or not. */
  readonly fence?: number
}

/** Another's claim that keeps a lock from being had. */
export interface LockHolder extends LockOwner {
  /** The file to delete if that process is gone. */
  readonly claim: string
  /** Whether it is a process of this machine, whose life could be asked for. */
  readonly here: boolean
}

export type LockAttempt =
  { readonly held: true; release(): Promise<void> } | { readonly held: false; readonly holder: LockHolder }

/**
 * Takes a lock for this process. Every claimant first leaves a claim of its own in the lock's folder, then reads all claims,
 * and steps back when another's process lives: two can never both hold the lock, and a claim left by a killed process is
 * simply removed. Libraries that go by a lock file's age would call a training step of ten seconds dead, or keep a resume
 * waiting.
 * @param claims the lock's own folder, made where it is missing and removed with the last claim
 * @param options.fence of work that is given out again when a machine falls silent: claims with a lower one don't count any more
 * (nobody can ask whether their processes live, and they may not write). A claim without one does.
 */
export async function takeLock(claims: string, { fence }: { readonly fence?: number } = {}): Promise<LockAttempt> {
  const mine = `${process.pid}-${randomUUID()}.json`
  const owner: LockOwner = { pid: process.pid, host: hostname(), started: await startOf(process.pid), fence }
  await claim(claims, mine, owner)
  const release = async () => {
    await rm(join(claims, mine), { force: true })
    // Fails where another claim is in it, and then it has to stay.
    await rmdir(claims).catch(() => undefined)
  }
  let holder: LockHolder | undefined
  // All are looked at, also after one that lives: what dead processes left behind goes.
  for (const name of await readdir(claims)) {
    if (name === mine) continue
    const file = join(claims, name)
    const other = await readOwner(file)
    const outdated = fence !== undefined && other?.fence !== undefined && other.fence < fence
    if (other && !outdated && (await lives(other)))
      holder ??= { ...other, claim: file, here: other.host === owner.host }
    else await rm(file, { force: true })
  }
  if (holder) {
    await release()
    return { held: false, holder }
  }
  return { held: true, release }
}

async function claim(claims: string, mine: string, owner: LockOwner, attempts = 5): Promise<void> {
  await makeFolder(claims)
  try {
    await writeFile(join(claims, mine), JSON.stringify(owner), { flag: 'wx' })
  } catch (error) {
    // Whoever left just now may have taken the emptied folder along.
    const gone = error instanceof Error && 'code' in error && error.code === 'ENOENT'
    if (!gone || attempts <= 1) throw error
    await claim(claims, mine, owner, attempts - 1)
  }
}

/** Undefined for a claim that is gone, or was cut off while it was written: its process died or has not got the folder yet. */
async function readOwner(file: string): Promise<LockOwner | undefined> {
  const text = await readFile(file, 'utf8').catch(() => '')
  if (!text) return undefined
  try {
    return JSON.parse(text) as LockOwner
  } catch {
    return undefined
  }
}

async function lives({ pid, host, started }: LockOwner): Promise<boolean> {
  // Another machine's processes can't be asked: believe the claim.
  if (host !== hostname()) return true
  try {
    process.kill(pid, 0)
  } catch (error) {
    // EPERM: somebody else's process, but a live one.
    if (!(error instanceof Error && 'code' in error && error.code === 'EPERM')) return false
  }
  return started === undefined || started === (await startOf(pid))
}

/** Field 22 of /proc/PID/stat (proc(5)); counted after the command's name, which may hold blanks and brackets. */
async function startOf(pid: number): Promise<string | undefined> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined)
  return stat?.slice(stat.lastIndexOf(')') + 2).split(' ')[19]
}
