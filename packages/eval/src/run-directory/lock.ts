import { join } from 'node:path'
import { takeLock } from '@pilotjs/core/node'
import { RunError } from './run-error'

/**
 * Takes a folder for this process; see `takeLock`.
 * @returns releases the folder
 * @throws RunError naming the process that holds it
 */
export async function lock(folder: string): Promise<() => Promise<void>> {
  const attempt = await takeLock(join(folder, '.lock'))
  if (attempt.held) return attempt.release
  const { pid, host, here, claim } = attempt.holder
  throw new RunError(
    `${folder} is in use by process ${pid}${here ? '' : ` on ${host}`}: wait for it, or stop it first` +
      (here ? '' : `; if it is gone, delete ${claim}`),
  )
}
