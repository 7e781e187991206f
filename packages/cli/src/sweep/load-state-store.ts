import type * as S3State from '@pilotjs/s3-state'
import type { OrderState } from '@pilotjs/sweep-queue'
import { UsageError } from '../usage-error'

/** Whether what outlives a worker lies in a bucket. */
export const isStored = (state: OrderState): boolean => state.startsWith('s3://')

/**
 * The package that brings a client for S3 along: only whoever uses `--state s3://…` needs it.
 * @throws UsageError where it is not installed
 */
export async function loadStateStore(): Promise<typeof S3State> {
  try {
    return await import('@pilotjs/s3-state')
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined
    if (code !== 'ERR_MODULE_NOT_FOUND') throw error
    throw new UsageError('--state s3://… needs a package that does not come along: npm install @pilotjs/s3-state')
  }
}
