import { join } from 'node:path'
import { takeLock } from '@pilotjs/core/node'
import { ExperimentError } from '../experiment-error'

/**
 * Takes a folder for this process; see `takeLock`.
 * @returns releases the folder
 * @throws ExperimentError `run-in-use` naming the process that holds it
 */
export async function lock(folder: string, fence?: number): Promise<() => Promise<void>> {
  const attempt = await takeLock(join(folder, '.lock'), { fence })
  if (attempt.held) return attempt.release
  const { pid, host, here, claim } = attempt.holder
  throw new ExperimentError(
    'run-in-use',
    { folder, pid, host, claim, here },
    `${folder} is in use by process ${pid}${here ? '' : ` on ${host}`}: wait for it, or stop it first` +
      (here ? '' : `; if it is gone, delete ${claim}`),
  )
}
