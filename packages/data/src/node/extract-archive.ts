import { mkdtemp, readdir, rename, rm } from 'node:fs/promises'
import { dirname, join, posix, win32 } from 'node:path'
import { makeFolder } from '@pilotjs/core/node'
import { extract, list } from 'tar'
import { isFullDisk } from '@pilotjs/core/node'

/**
 * Unpacks a `.tar` or `.tar.gz` whose only folder becomes `folder`. It is looked through before anything is written: entries that
 * are no plain files or folders, or whose path leads elsewhere, are refused. `folder` appears when it is complete.
 * @throws Error naming the archive when it is cut off, corrupt or unsafe
 */
export async function extractArchive(archive: string, folder: string): Promise<void> {
  await makeFolder(dirname(folder))
  const scratch = await mkdtemp(join(dirname(folder), '.unpacking-'))
  try {
    await reading(archive, async () => {
      const unsafe: string[] = []
      await list({
        file: archive,
        strict: true,
        onReadEntry: ({ path, type }) => {
          if (!isSafe(path, type)) unsafe.push(`${path} (${type})`)
        },
      })
      if (unsafe.length > 0)
        throw new Error(`it holds entries that may not be unpacked: ${unsafe.slice(0, 5).join(', ')}`)
      await extract({ file: archive, cwd: scratch, strict: true, preserveOwner: false })
      const names = await readdir(scratch)
      if (names.length !== 1) throw new Error(`it holds ${names.length} entries at its top instead of one folder`)
      await rename(join(scratch, names[0]!), folder)
    })
  } finally {
    await rm(scratch, { recursive: true, force: true })
  }
}

/** Plain relative paths of files and folders; no links, no devices, nothing that climbs. */
function isSafe(path: string, type: string): boolean {
  if (!['File', 'OldFile', 'ContiguousFile', 'Directory'].includes(type)) return false
  if (posix.isAbsolute(path) || win32.isAbsolute(path) || /^[a-z]:/i.test(path) || path.includes('\0')) return false
  return !path.split(/[/\\]/).includes('..')
}

async function reading(archive: string, work: () => Promise<void>): Promise<void> {
  try {
    await work()
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    const remedy = isFullDisk(error) ? 'Free some space and start again.' : 'Delete it and download it again.'
    throw new Error(`Can't unpack ${archive}: ${reason}. ${remedy}`, { cause: error })
  }
}
