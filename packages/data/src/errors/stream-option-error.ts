import { PilotError } from '@pilotjs/core'

/** An option of a splitter that does not fit its dataset. */
export class StreamOptionError extends PilotError<'stream-option'> {
  override readonly name = 'StreamOptionError'
  constructor(
    /** The option, as the splitter calls it. */
    readonly option: string,
    readonly value: unknown,
    message: string,
  ) {
    super('stream-option', message, { option })
  }
}
