import type { JsonValue } from '../contracts/tensors'

/** What an error is about, as JSON: the option, the value, the file, the names that are known. */
export type ErrorFacts = Readonly<Record<string, JsonValue | undefined>>

/**
 * An error that a program can act on: a `code` that stays the same between versions, and the facts behind the message (which
 * option, which value, which file). Whoever speaks to a person words the remedy of their own floor from these.
 *
 * Every error that these packages throw on purpose is one (`error instanceof PilotError`), each room's of a class of its own.
 * Linear algebra and the ONNX engine, which know nothing of this package, throw errors of the same shape.
 */
export class PilotError<Code extends string = string> extends Error {
  override readonly name: string = 'PilotError'
  readonly code: Code
  readonly facts: ErrorFacts

  constructor(code: Code, message: string, facts: ErrorFacts = {}, options: { cause?: unknown } = {}) {
    super(message, options)
    this.code = code
    this.facts = facts
  }
}
