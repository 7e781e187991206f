import { PilotError } from '@pilotjs/core'

/** A command that was typed wrong: exit code 2, where a run that went wrong is 1. */
export class UsageError extends PilotError<'usage'> {
  override readonly name = 'UsageError'
  constructor(message: string) {
    super('usage', message)
  }
}

/** Stopped by Ctrl-C or SIGTERM. */
export class Interrupted extends Error {
  override readonly name = 'Interrupted'
  constructor() {
    super('stopped')
  }
}
