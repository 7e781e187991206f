import type * as S3State from '@pilotjs/s3-state'
import type { OrderState } from '@pilotjs/sweep-queue'
import { loadOptional } from './load-optional'

/** Whether what outlives a worker lies in a bucket. */
export const isStored = (state: OrderState): boolean => state.startsWith('s3://')

/**
 * The package that brings a client for S3 along: only whoever uses `--state s3://…` needs it.
 * @throws UsageError where it is not installed
 */
export const loadStateStore = (): Promise<typeof S3State> =>
  loadOptional('--state s3://…', '@pilotjs/s3-state', () => import('@pilotjs/s3-state'))
