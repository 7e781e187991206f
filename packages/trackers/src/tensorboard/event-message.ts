import type { Scalar } from '../scalars'

/**
 * TensorFlow's `Event` message (core/util/event.proto, core/framework/summary.proto), the fields that are used here: wall_time 1,
 * step 2, file_version 3, summary 5; of a summary's value: tag 1, simple_value 2, tensor 8, metadata 9.
 */
const text = new TextEncoder()

/** What a field's bytes mean, in the wire format of protocol buffers. */
const WIRE = { varint: 0, eightBytes: 1, length: 2, fourBytes: 5 } as const

function varint(value: number): number[] {
  const bytes: number[] = []
  let rest = value
  while (rest >= 128) {
    bytes.push((rest % 128) | 128)
    rest = Math.floor(rest / 128)
  }
  bytes.push(rest)
  return bytes
}

const key = (field: number, wire: number) => varint(field * 8 + wire)
const joined = (...parts: readonly ArrayLike<number>[]) => Uint8Array.from(parts.flatMap((part) => Array.from(part)))
const number = (field: number, value: number) => joined(key(field, WIRE.varint), varint(value))
const bytes = (field: number, value: Uint8Array) => joined(key(field, WIRE.length), varint(value.length), value)
const words = (field: number, value: string) => bytes(field, text.encode(value))

function double(field: number, value: number): Uint8Array {
  const view = new DataView(new ArrayBuffer(8))
  view.setFloat64(0, value, true)
  return joined(key(field, WIRE.eightBytes), new Uint8Array(view.buffer))
}

function float(field: number, value: number): Uint8Array {
  const view = new DataView(new ArrayBuffer(4))
  view.setFloat32(0, value, true)
  return joined(key(field, WIRE.fourBytes), new Uint8Array(view.buffer))
}

const event = (at: number, step: number, rest: Uint8Array) =>
  joined(double(1, at / 1000), ...(step > 0 ? [number(2, step)] : []), rest)

/** The first record of a file. @param at milliseconds since 1970 */
export const versionMessage = (at: number): Uint8Array => event(at, 0, words(3, 'brain.Event:2'))

/** Scalars of one step. */
export function scalarMessage(scalars: readonly Scalar[]): Uint8Array {
  const [first] = scalars
  const values = scalars.map(({ tag, value }) => bytes(1, joined(words(1, tag), float(2, value))))
  return event(first!.at, first!.step, bytes(5, joined(...values)))
}

/** `DT_STRING` of TensorFlow's types.proto. */
const STRING = 7

/** A text (Markdown) for the text tab: a string tensor without dimensions, marked as the text plugin's. */
export function textMessage(tag: string, markdown: string, at: number): Uint8Array {
  const tensor = joined(number(1, STRING), bytes(2, new Uint8Array()), words(8, markdown))
  const metadata = bytes(1, words(1, 'text'))
  const value = joined(words(1, tag), bytes(9, metadata), bytes(8, tensor))
  return event(at, 0, bytes(5, bytes(1, value)))
}
