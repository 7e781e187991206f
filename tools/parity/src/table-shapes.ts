import type { RecordedArrays } from './recorded-arrays'

/** A table without its first rows. */
export function rowsFrom({ shape, values }: RecordedArrays[string], first: number): RecordedArrays[string] {
  return { shape: [shape[0]! - first, ...shape.slice(1)], values: values.subarray((first * values.length) / shape[0]!) }
}

/** A row that PILOT keeps by itself, `NAME.3`, of a table of ours. */
export function rowNamed(own: RecordedArrays, name: string): RecordedArrays[string] | undefined {
  const [, table, row] = /^(.*)\.(\d+)$/.exec(name) ?? []
  const all = own[`${table}.*`]
  if (!all || Number(row) >= all.shape[0]!) return undefined
  const size = all.values.length / all.shape[0]!
  return { shape: all.shape.slice(1), values: all.values.subarray(Number(row) * size, (Number(row) + 1) * size) }
}

/** PILOT makes room for classes to come; a table of ours that ends earlier is the same where the record goes on with zeros. */
export function fits(shape: readonly number[], { shape: recorded, values }: RecordedArrays[string]): boolean {
  if (shape.join() === recorded.join()) return true
  if (shape.length !== 2 || recorded.length !== 2 || shape[0] !== recorded[0] || shape[1]! > recorded[1]!) return false
  return values.every((value, i) => value === 0 || i % recorded[1]! < shape[1]!)
}

/** A table of ours with zeros up to the width of the recorded one, which `fits` it. */
export function padded(actual: RecordedArrays[string], expected: RecordedArrays[string]): Float32Array {
  if (actual.shape.join() === expected.shape.join()) return Float32Array.from(actual.values)
  const [own, wide] = [actual.shape[1]!, expected.shape[1]!]
  return Float32Array.from(expected.values, (_, i) =>
    i % wide < own ? actual.values[Math.floor(i / wide) * own + (i % wide)]! : 0,
  )
}
