import type { JsonValue } from '../contracts/tensors'

/**
 * An error that a program can act on: a `code` that stays the same between versions, and the facts behind the message (which option,
 * which value, which file). Whoever speaks to a person words the remedy of their own floor from these.
 */
export class PilotError extends Error {
  override readonly name: string = 'PilotError'
  readonly code: string
  readonly facts: Readonly<Record<string, JsonValue>>

  constructor(
    code: string,
    message: string,
    facts: Readonly<Record<string, JsonValue>> = {},
    options: { cause?: unknown } = {},
  ) {
    super(message, options)
    this.code = code
    this.facts = facts
  }
}
