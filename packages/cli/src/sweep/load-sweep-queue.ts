import type * as SweepQueueModule from '@pilotjs/sweep-queue'
import { UsageError } from '../usage-error'

/**
 * The package that brings BullMQ along: only whoever uses `--queue` needs it.
 * @throws UsageError where it is not installed
 */
export async function loadSweepQueue(): Promise<typeof SweepQueueModule> {
  try {
    return await import('@pilotjs/sweep-queue')
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined
    if (code !== 'ERR_MODULE_NOT_FOUND') throw error
    throw new UsageError('--queue needs a package that does not come along: npm install @pilotjs/sweep-queue')
  }
}

/** `--queue`, or what the environment says: an address on a command line is seen by everybody on a machine. */
export function queueAddress(flag: string | undefined): string | undefined {
  return flag ?? (process.env.PILOT_QUEUE || undefined)
}
