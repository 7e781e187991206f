import type { JsonValue } from '../contracts/tensors'
import type { Part } from './part'

/** Something to remember that is no tensor. Replace the value, do not change it in place. */
export interface ValuePart<T extends JsonValue> extends Part {
  value: T
}

export function valuePart<T extends JsonValue>(initial: T): ValuePart<T> {
  const part: ValuePart<T> = {
    value: initial,
    variables: () => ({}),
    json: () => part.value,
    restore(_, json) {
      part.value = json === undefined ? initial : (json as T)
    },
    dispose: () => undefined,
  }
  return part
}
