import '@tensorflow/tfjs-backend-cpu'
import * as tf from '@tensorflow/tfjs-core'
import fc from 'fast-check'
import { beforeAll, describe, expect, it } from 'vitest'
import { readSafetensors, readSafetensorsHeader, storedBytes, writeSafetensors } from './safetensors'

beforeAll(async () => {
  tf.enableProdMode()
  await tf.setBackend('cpu')
})

/** A file put together by hand: what a hostile or broken writer might produce. */
function file(header: string, data: readonly number[] = [], claimed?: bigint): Uint8Array {
  const json = new TextEncoder().encode(header)
  const bytes = new Uint8Array(8 + json.length + data.length)
  new DataView(bytes.buffer).setBigUint64(0, claimed ?? BigInt(json.length), true)
  bytes.set(json, 8)
  bytes.set(data, 8 + json.length)
  return bytes
}
const entry = (dtype: string, shape: unknown, offsets: unknown) =>
  JSON.stringify({ dtype, shape, data_offsets: offsets })

describe('round trip', () => {
  it('keeps bytes that are no tensor, beside those that are', async () => {
    const tensor = tf.tensor1d([1, 2, 3])
    const bytes = { picture: Uint8Array.of(0, 255, 7), nothing: new Uint8Array() }
    const written = Buffer.from(await writeSafetensors({ tensor }, { bytes }))
    const { entries } = readSafetensorsHeader(written)
    const stored = Object.fromEntries(entries.map((entry) => [entry.name, storedBytes(written, entry)]))
    expect(stored).toMatchObject(bytes)
    const read = readSafetensors(written, { select: (name) => name === 'tensor' })
    expect(Array.from(await read.tensor!.data())).toEqual([1, 2, 3])
    tf.dispose([tensor, read.tensor!])
  })

  const shape = fc.array(fc.integer({ min: 0, max: 4 }), { maxLength: 4 })
  const tensor = shape.chain((lengths) => {
    const count = lengths.reduce((product, length) => product * length, 1)
    const filled = <T>(element: fc.Arbitrary<T>) => fc.array(element, { minLength: count, maxLength: count })
    return fc.oneof(
      filled(fc.float()).map((values) => tf.tensor(Float32Array.from(values), lengths, 'float32')),
      filled(fc.integer()).map((values) => tf.tensor(Int32Array.from(values), lengths, 'int32')),
      filled(fc.boolean()).map((values) => tf.tensor(Uint8Array.from(values, Number), lengths, 'bool')),
    )
  })
  const name = fc.string({ unit: 'binary-ascii' }).filter((text) => text !== '__metadata__')

  it('keeps names, shapes, dtypes and every bit', async () => {
    const tensors = fc.dictionary(name, tensor, { maxKeys: 5 })
    const metadata = fc.dictionary(name, fc.string(), { maxKeys: 3 })
    await fc.assert(
      fc.asyncProperty(tensors, metadata, async (written, texts) => {
        const bytes = await writeSafetensors(written, { metadata: texts })
        const read = readSafetensors(bytes)
        expect(Object.keys(read).sort()).toEqual(Object.keys(written).sort())
        for (const [key, original] of Object.entries(written)) {
          expect(read[key]!.shape).toEqual(original.shape)
          expect(read[key]!.dtype).toBe(original.dtype)
          expect(read[key]!.dataSync()).toEqual(original.dataSync())
        }
        expect({ ...readSafetensorsHeader(bytes).metadata }).toEqual({ ...texts })
        tf.dispose([read, written])
      }),
    )
  })

  it('reads its own file at any offset into a larger buffer', async () => {
    const bytes = await writeSafetensors({ a: tf.tensor1d([1.5, -2]) })
    const shifted = new Uint8Array(bytes.length + 3)
    shifted.set(bytes, 3)
    expect(Array.from(readSafetensors(shifted.subarray(3)).a!.dataSync())).toEqual([1.5, -2])
  })

  it('makes only the selected tensors', async () => {
    const bytes = await writeSafetensors({ keep: tf.scalar(1), drop: tf.scalar(2) })
    expect(Object.keys(readSafetensors(bytes, { select: (key) => key === 'keep' }))).toEqual(['keep'])
  })

  it('stores floats in half the space when asked, and integers as they are', async () => {
    const tensors = { x: tf.tensor1d([1, -0.3333333, 65504]), i: tf.tensor1d([7], 'int32') }
    for (const dtype of ['float16', 'bfloat16'] as const) {
      const bytes = await writeSafetensors(tensors, { dtype })
      const { x, i } = readSafetensors(bytes)
      expect(readSafetensorsHeader(bytes).entries.map((each) => each.end - each.start)).toEqual([6, 4])
      const tolerance = dtype === 'float16' ? 2 ** -11 : 2 ** -8
      const values = Array.from(x!.dataSync())
      expect(Math.abs(values[1]! + 0.3333333)).toBeLessThan(0.3333333 * tolerance)
      expect(Math.abs(values[2]! - 65504)).toBeLessThanOrEqual(65504 * tolerance)
      expect(Array.from(i!.dataSync())).toEqual([7])
    }
  })

  it('refuses what float16 cannot hold, and strings', async () => {
    await expect(writeSafetensors({ big: tf.tensor1d([70000]) }, { dtype: 'float16' })).rejects.toThrow(
      /tensor "big" holds 70000, too large for float16/,
    )
    await expect(writeSafetensors({ text: tf.tensor1d(['a']) })).rejects.toThrow(/"text" has dtype string/)
  })
})

describe('dtypes of other writers', () => {
  const read = (dtype: string, bytes: readonly number[], count: number) => {
    const { x } = readSafetensors(file(`{"x":${entry(dtype, [count], [0, bytes.length])}}`, bytes))
    return { dtype: x!.dtype, values: Array.from(x!.dataSync()) }
  }
  const bytesOf = (array: ArrayBufferView) => [...new Uint8Array(array.buffer)]

  it('become float32 or int32', () => {
    expect(read('F64', bytesOf(new Float64Array([0.1, -3])), 2)).toEqual({
      dtype: 'float32',
      values: [Math.fround(0.1), -3],
    })
    expect(read('I64', bytesOf(new BigInt64Array([-5n, 2147483647n])), 2)).toEqual({
      dtype: 'int32',
      values: [-5, 2147483647],
    })
    expect(read('I16', bytesOf(new Int16Array([-300])), 1)).toEqual({ dtype: 'int32', values: [-300] })
    expect(read('I8', [0xff, 3], 2)).toEqual({ dtype: 'int32', values: [-1, 3] })
    expect(read('U8', [0xff, 3], 2)).toEqual({ dtype: 'int32', values: [255, 3] })
    expect(read('BOOL', [0, 1], 2)).toEqual({ dtype: 'bool', values: [0, 1] })
  })

  it('are refused where a value would be lost', () => {
    expect(() => read('I64', bytesOf(new BigInt64Array([2147483648n])), 1)).toThrow(
      /tensor "x" holds 2147483648, which does not fit int32/,
    )
    expect(() => read('BOOL', [2], 1)).toThrow(/bool tensor "x" holds the byte 2/)
  })
})

describe('headers that are wrong', () => {
  const u8 = (name: string, start: number, end: number) => `"${name}":${entry('U8', [end - start], [start, end])}`
  const cases: [string, Uint8Array, RegExp][] = [
    ['too short a file', new Uint8Array(7), /has 7 bytes/],
    ['an absurd header length', file('{}', [], 2n ** 63n), /claims 9223372036854775808 bytes, more than/],
    ['a header longer than the file', file('{}', [], 3n), /claims 3 bytes, but only 2 follow/],
    ['no object', file('[]'), /does not start with "\{"/],
    ['broken JSON', file('{"a":'), /not JSON/],
    ['broken UTF-8', file('{"~":1}').map((byte) => (byte === 0x7e ? 0xff : byte)), /not JSON in UTF-8/],
    ['a repeated name', file(`{${u8('a', 0, 1)},${u8('a', 1, 2)}}`, [0, 0]), /"a" stands twice/],
    ['a repeated name, escaped', file(`{${u8('a', 0, 1)},${u8('\\u0061', 1, 2)}}`, [0, 0]), /"a" stands twice/],
    [
      'a repeated field',
      file('{"a":{"dtype":"U8","dtype":"I8","shape":[],"data_offsets":[0,1]}}', [0]),
      /"dtype" stands twice/,
    ],
    ['an overlap', file(`{${u8('a', 0, 2)},${u8('b', 1, 3)}}`, [0, 0, 0]), /"b" overlaps tensor "a"/],
    ['a hole', file(`{${u8('a', 0, 1)},${u8('b', 2, 3)}}`, [0, 0, 0]), /1 bytes before tensor "b" belong to no tensor/],
    ['bytes left over', file(`{${u8('a', 0, 1)}}`, [0, 0]), /1 bytes at the end/],
    [
      'data beyond the end',
      file(`{${u8('a', 0, 9)}}`, [0]),
      /"a" ends at byte \d+, but the file has \d+: it is truncated/,
    ],
    [
      'a size that does not fit',
      file(`{"a":${entry('F32', [2], [0, 4])}}`, [0, 0, 0, 0]),
      /"a": F32 of shape \[2\] takes 8 bytes/,
    ],
    ['offsets backwards', file(`{"a":${entry('U8', [1], [1, 0])}}`, [0]), /"a": data_offsets \[1, 0\] run backwards/],
    ['negative offsets', file(`{"a":${entry('U8', [1], [-1, 0])}}`, [0]), /"a": data_offsets/],
    ['fractional sizes', file(`{"a":${entry('U8', [0.5], [0, 1])}}`, [0]), /"a": shape \[0.5\]/],
    ['an overflowing shape', file(`{"a":${entry('U8', [2 ** 40, 2 ** 40], [0, 1])}}`, [0]), /"a": shape .* too large/],
    ['an unknown dtype', file(`{"a":${entry('F8_E4M3', [1], [0, 1])}}`, [0]), /"a": dtype "F8_E4M3" is not one of/],
    ['an unknown field', file('{"a":{"dtype":"U8","shape":[],"data_offsets":[0,1],"x":1}}', [0]), /unknown field "x"/],
    [
      'more tensors than any model has',
      file(`{${Array.from({ length: 100_003 }, (_, i) => `"${i}":{}`).join()}}`),
      /more than the 100000 tensors that are read/,
    ],
    ['metadata that are no texts', file('{"__metadata__":{"a":1}}'), /__metadata__ "a" is not a string/],
  ]
  it.each(cases)('%s', (_, bytes, message) => {
    expect(() => readSafetensors(bytes)).toThrow(message)
  })

  it('are counted before they are read: more tensors than any model has would take gigabytes', () => {
    const many = Array.from({ length: 100_003 }, (_, i) => `"${i.toString(36)}":{}`).join(',')
    expect(() => readSafetensors(file(`{${many}}`))).toThrow('more than the 100000 tensors that are read')
  })

  it('never hurt: any damage is read or refused, and memory stays bounded by the file', async () => {
    const whole = await writeSafetensors({ w: tf.tensor2d([[1, 2]]), b: tf.tensor1d([3], 'int32') })
    const damage = fc.array(fc.tuple(fc.nat(whole.length - 1), fc.nat(255)), { minLength: 1, maxLength: 3 })
    fc.assert(
      fc.property(damage, fc.nat(whole.length), (changes, length) => {
        const bytes = whole.slice(0, length)
        for (const [at, value] of changes) if (at < length) bytes[at] = value
        try {
          const tensors = Object.values(readSafetensors(bytes))
          expect(tensors.reduce((sum, { size }) => sum + size, 0)).toBeLessThanOrEqual(bytes.length)
          tf.dispose(tensors)
        } catch (error) {
          expect((error as Error).name).toBe('SafetensorsError')
        }
      }),
      { numRuns: 500 },
    )
  })
})
