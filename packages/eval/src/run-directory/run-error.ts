import { refusalOf } from '@pilotjs/core/node'

/** A run that cannot be started, saved or read: the message names the file and what to do. */
export class RunError extends Error {
  override readonly name = 'RunError'
}

/** Why a run cannot be written, with the remedy. */
export const fileReason = (error: unknown): string =>
  refusalOf(error, '--out') ?? (error instanceof Error ? error.message : String(error))
