import { describe, expect, it } from 'vitest'
import { ProtobufWriter } from './protobuf'

const bytes = (writer: ProtobufWriter) => Buffer.from(writer.finish()).toString('hex')

describe('ProtobufWriter', () => {
  // The examples of https://protobuf.dev/programming-guides/encoding.
  it('writes integers as varints', () => {
    expect(bytes(new ProtobufWriter().int(1, 150))).toBe('089601')
    expect(bytes(new ProtobufWriter().int(1, 0))).toBe('0800')
    expect(bytes(new ProtobufWriter().int(1, -2))).toBe('08feffffffffffffffff01')
    expect(bytes(new ProtobufWriter().int(1, 2 ** 40))).toBe('08808080808020')
  })

  it('writes strings and messages with their lengths', () => {
    expect(bytes(new ProtobufWriter().string(2, 'testing'))).toBe('120774657374696e67')
    expect(bytes(new ProtobufWriter().message(3, new ProtobufWriter().int(1, 150)))).toBe('1a03089601')
  })

  it('writes strings in UTF-8', () => {
    expect(bytes(new ProtobufWriter(4).int(1, 1).string(2, 'ab×→c'))).toBe('080112086162c397e2869263')
  })

  it('writes floats and grows as it must', () => {
    expect(bytes(new ProtobufWriter(1).float(1, 1))).toBe('0d0000803f')
    expect(new ProtobufWriter(4).bytes(1, new Uint8Array(1000)).finish().length).toBe(1003)
  })
})
