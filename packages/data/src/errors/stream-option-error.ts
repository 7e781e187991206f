/** An option of a splitter that does not fit its dataset. */
export class StreamOptionError extends RangeError {
  override readonly name = 'StreamOptionError'
  readonly code = 'stream-option'
  constructor(
    /** The option, as the splitter calls it. */
    readonly option: string,
    readonly value: unknown,
    message: string,
  ) {
    super(message)
  }
}
