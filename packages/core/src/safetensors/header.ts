import { PilotError } from '../errors/pilot-error'
import { isSafetensorsDtype, knownDtypes, sizeOf } from './dtypes'
import type { SafetensorsDtype } from './dtypes'
import { duplicateKey } from './duplicate-key'

/** Where a tensor's bytes lie. */
export interface SafetensorsEntry {
  readonly name: string
  readonly dtype: SafetensorsDtype
  readonly shape: readonly number[]
  /** First byte and the byte after the last, counted from the file's start. */
  readonly start: number
  readonly end: number
}

export interface SafetensorsHeader {
  /** In the order of their bytes. */
  readonly entries: readonly SafetensorsEntry[]
  readonly metadata: Readonly<Record<string, string>>
}

/** A file that is not what the safetensors format says; the message names the tensor and what is wrong with it. */
export class SafetensorsError extends PilotError<'safetensors'> {
  override readonly name = 'SafetensorsError'
  constructor(message: string) {
    super('safetensors', message)
  }
}

/** The reference implementation's limit: a longer header is an attack or a broken file. */
const longestHeader = 100_000_000

/** More tensors than any model has: a header of 100 MB could hold a million, and take gigabytes to read. */
const mostTensors = 100_000

const fail = (problem: string): never => {
  throw new SafetensorsError(`safetensors: ${problem}`)
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0

/**
 * The length of a file's header, from its first 8 bytes.
 * @param size the file's size in bytes
 */
export function headerLength(start: Uint8Array, size: number): number {
  if (size < 8 || start.length < 8) return fail(`the file has ${size} bytes; it must have at least 8`)
  const length = new DataView(start.buffer, start.byteOffset, 8).getBigUint64(0, true)
  if (length > BigInt(longestHeader))
    return fail(
      `the header claims ${length} bytes, more than the ${longestHeader} that are allowed: not a safetensors file?`,
    )
  if (length > BigInt(size - 8))
    return fail(
      `the header claims ${length} bytes, but only ${size - 8} follow: the file is truncated or not safetensors`,
    )
  return Number(length)
}

function parseJson(bytes: Uint8Array): Record<string, unknown> {
  if (bytes[0] !== 0x7b) return fail('the header does not start with "{": not a safetensors file?')
  // Counted before anything is decoded: each tensor has an object of its own.
  let objects = 0
  for (const byte of bytes) if (byte === 0x7b) objects++
  if (objects > mostTensors + 2) return fail(`the header holds more than the ${mostTensors} tensors that are read`)
  let text: string
  let header: unknown
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes)
    header = JSON.parse(text)
  } catch (error) {
    return fail(`the header is not JSON in UTF-8: ${(error as Error).message}`)
  }
  if (!isRecord(header)) return fail('the header is not a JSON object')
  const repeated = duplicateKey(text)
  if (repeated !== undefined) return fail(`"${repeated}" stands twice in the header`)
  return header
}

function parseMetadata(value: unknown): Record<string, string> {
  if (value === undefined) return {}
  if (!isRecord(value)) return fail('__metadata__ is not an object')
  for (const [key, text] of Object.entries(value))
    if (typeof text !== 'string') fail(`__metadata__ "${key}" is not a string`)
  return value as Record<string, string>
}

function parseEntry(name: string, value: unknown, dataStart: number): SafetensorsEntry {
  const wrong = (problem: string) => fail(`tensor "${name}": ${problem}`)
  if (!isRecord(value)) return wrong('its header entry is not an object')
  const { dtype, shape, data_offsets: offsets, ...rest } = value
  const [extra] = Object.keys(rest)
  if (extra !== undefined) return wrong(`its header entry has the unknown field "${extra}"`)
  if (!isSafetensorsDtype(dtype)) return wrong(`dtype ${JSON.stringify(dtype)} is not one of ${knownDtypes.join(', ')}`)
  if (!Array.isArray(shape) || !shape.every(isCount))
    return wrong(`shape ${JSON.stringify(shape)} is not a list of sizes`)
  if (!Array.isArray(offsets) || offsets.length !== 2 || !offsets.every(isCount))
    return wrong(`data_offsets ${JSON.stringify(offsets)} are not two positions`)
  const [start, end] = offsets as [number, number]
  if (start > end) return wrong(`data_offsets [${start}, ${end}] run backwards`)
  const bytes = shape.reduce<number>((product, length) => product * (length as number), sizeOf(dtype))
  if (!Number.isSafeInteger(bytes)) return wrong(`shape [${shape.join(', ')}] is too large`)
  if (bytes !== end - start)
    return wrong(`${dtype} of shape [${shape.join(', ')}] takes ${bytes} bytes, but data_offsets hold ${end - start}`)
  return { name, dtype, shape: shape as number[], start: dataStart + start, end: dataStart + end }
}

/**
 * Reads and checks a header: every byte of the file must belong to exactly one tensor.
 * @param json the header's bytes, without the 8 that give its length
 * @param size the file's size in bytes
 * @throws SafetensorsError
 */
export function parseHeader(json: Uint8Array, size: number): SafetensorsHeader {
  const { __metadata__: metadata, ...tensors } = parseJson(json)
  const dataStart = 8 + json.length
  const entries = Object.entries(tensors)
    .map(([name, value]) => parseEntry(name, value, dataStart))
    .sort((a, b) => a.start - b.start || a.end - b.end)
  let next = dataStart
  let before = ''
  for (const { name, start, end } of entries) {
    if (start < next) fail(`tensor "${name}" overlaps tensor "${before}"`)
    if (start > next) fail(`${start - next} bytes before tensor "${name}" belong to no tensor`)
    if (end > size)
      fail(
        `tensor "${name}" ends at byte ${end}, but the file has ${size}: it is truncated, download or write it again`,
      )
    next = end
    before = name
  }
  if (next !== size) fail(`${size - next} bytes at the end belong to no tensor`)
  return { entries, metadata: parseMetadata(metadata) }
}

/** A header's bytes with the 8 of its length, padded by spaces so that the data start at a multiple of 8. */
export function formatHeader(
  tensors: readonly { readonly name: string; readonly dtype: SafetensorsDtype; readonly shape: readonly number[] }[],
  metadata: Readonly<Record<string, string>> = {},
): Uint8Array {
  let position = 0
  const fields: [string, unknown][] = []
  if (Object.keys(metadata).length > 0) fields.push(['__metadata__', metadata])
  for (const { name, dtype, shape } of tensors) {
    if (name === '__metadata__') fail('a tensor cannot be named __metadata__')
    const start = position
    position += shape.reduce((product, length) => product * length, sizeOf(dtype))
    fields.push([name, { dtype, shape, data_offsets: [start, position] }])
  }
  const json = new TextEncoder().encode(JSON.stringify(Object.fromEntries(fields)))
  const length = Math.ceil(json.length / 8) * 8
  const bytes = new Uint8Array(8 + length).fill(0x20)
  new DataView(bytes.buffer).setBigUint64(0, BigInt(length), true)
  bytes.set(json, 8)
  return bytes
}
