import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { refusalOf } from '@pilotjs/core/node'
import type { RedisAddress } from '@pilotjs/sweep-queue'
import type * as SweepQueueModule from '@pilotjs/sweep-queue'
import { UsageError } from '../usage-error'
import { loadOptional } from './load-optional'

/**
 * The package that brings BullMQ along: only whoever uses `--queue` needs it.
 * @throws UsageError where it is not installed
 */
export const loadSweepQueue = (): Promise<typeof SweepQueueModule> =>
  loadOptional('--queue', '@pilotjs/sweep-queue', () => import('@pilotjs/sweep-queue'))

/** What commands can be told of their queue. */
export interface QueueFlags {
  /** Address of the Redis that workers take runs from. */
  readonly queue?: string
  /** File with the certificates of whoever vouches for that Redis. */
  readonly queueCa?: string
}

/**
 * `--queue` and `--queue-ca`, or what the environment says: an address on a command line is seen by everybody on a machine.
 * @throws UsageError for a file that cannot be read
 */
export async function queueAddress({ queue, queueCa }: QueueFlags, cwd: string): Promise<RedisAddress | undefined> {
  const url = queue ?? (process.env.PILOT_QUEUE || undefined)
  const file = queueCa ?? (process.env.PILOT_QUEUE_CA || undefined)
  if (url === undefined || file === undefined) return url === undefined ? undefined : { url }
  try {
    return { url, ca: await readFile(resolve(cwd, file), 'utf8') }
  } catch (error) {
    throw new UsageError(`--queue-ca ${file}: ${refusalOf(error) ?? 'cannot be read'}`)
  }
}
