import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { cifarImages, pythonBatch } from '../__fixtures__/cifar-files'
import { readPickle } from './pickle'
import type { PickleArray, PickleBytes, PickleValue } from './pickle'

const bytes = (text: string) => Buffer.from(text, 'latin1')

describe('readPickle', () => {
  it('leaves the data of an array in the file', () => {
    const images = cifarImages(3, 10)
    const file = pythonBatch(images, 'cifar10')
    const content = readPickle(file) as ReadonlyMap<string, { data: { start: number; length: number } }>
    expect([...content.keys()]).toEqual(['batch_label', 'labels', 'data', 'filenames'])
    const { start, length } = content.get('data')!.data
    expect(file.subarray(start, start + length)).toEqual(Buffer.concat(images.map(({ planes }) => planes)))
  })

  it('reads unicode keys and memo references of later protocols', () => {
    // Python 3: pickle.dumps({'n': ['a', 'a'], 'k': -2}, protocol=4)
    const file = bytes(
      '\x80\x04\x95\x1a\x00\x00\x00\x00\x00\x00\x00}\x94(\x8c\x01n\x94]\x94(\x8c\x01a\x94h\x03e\x8c\x01k\x94J\xfe\xff\xff\xffu.',
    )
    const content = readPickle(file) as ReadonlyMap<string, unknown>
    expect((content.get('n') as unknown[]).map(String)).toEqual(['a', 'a'])
    expect(content.get('k')).toBe(-2)
  })

  // pickle.dumps({'data': numpy.array([[0, 10, 200], [128, 255, 65]], 'uint8'), 'fine_labels': [1, 70000], b'k': b'\xff\x80a'},
  // protocol)
  it.each([
    [
      2,
      'gAJ9cQAoWAQAAABkYXRhcQFjbnVtcHkuX2NvcmUubXVsdGlhcnJheQpfcmVjb25zdHJ1Y3QKcQJjbnVtcHkKbmRhcnJheQpxA0sAhXEEY19jb2RlY3MKZW5jb2Rl' +
        'CnEFWAEAAABicQZYBgAAAGxhdGluMXEHhnEIUnEJh3EKUnELKEsBSwJLA4ZxDGNudW1weQpkdHlwZQpxDVgCAAAAdTFxDomIh3EPUnEQKEsDWAEAAAB8cRFO' +
        'Tk5K/////0r/////SwB0cRJiiWgFWAkAAAAACsOIwoDDv0FxE2gHhnEUUnEVdHEWYlgLAAAAZmluZV9sYWJlbHNxF11xGChLAUpwEQEAZWgFWAEAAABrcRlo' +
        'B4ZxGlJxG2gFWAUAAADDv8KAYXEcaAeGcR1ScR51Lg==',
    ],
    [
      3,
      'gAN9cQAoWAQAAABkYXRhcQFjbnVtcHkuX2NvcmUubXVsdGlhcnJheQpfcmVjb25zdHJ1Y3QKcQJjbnVtcHkKbmRhcnJheQpxA0sAhXEEQwFicQWHcQZScQcoSwFL' +
        'AksDhnEIY251bXB5CmR0eXBlCnEJWAIAAAB1MXEKiYiHcQtScQwoSwNYAQAAAHxxDU5OTkr/////Sv////9LAHRxDmKJQwYACsiA/0FxD3RxEGJYCwAAAGZp' +
        'bmVfbGFiZWxzcRFdcRIoSwFKcBEBAGVDAWtxE0MD/4BhcRR1Lg==',
    ],
    [
      4,
      'gASVvwAAAAAAAAB9lCiMBGRhdGGUjBZudW1weS5fY29yZS5tdWx0aWFycmF5lIwMX3JlY29uc3RydWN0lJOUjAVudW1weZSMB25kYXJyYXmUk5RLAIWUQwFilIeU' +
        'UpQoSwFLAksDhpRoBYwFZHR5cGWUk5SMAnUxlImIh5RSlChLA4wBfJROTk5K/////0r/////SwB0lGKJQwYACsiA/0GUdJRijAtmaW5lX2xhYmVsc5RdlChL' +
        'AUpwEQEAZUMBa5RDA/+AYZR1Lg==',
    ],
    [
      5,
      'gAWVqgAAAAAAAAB9lCiMBGRhdGGUjBNudW1weS5fY29yZS5udW1lcmljlIwLX2Zyb21idWZmZXKUk5QolgYAAAAAAAAAAArIgP9BlIwFbnVtcHmUjAVkdHlwZZST' +
        'lIwCdTGUiYiHlFKUKEsDjAF8lE5OTkr/////Sv////9LAHSUYksCSwOGlIwBQ5R0lFKUjAtmaW5lX2xhYmVsc5RdlChLAUpwEQEAZUMBa5RDA/+AYZR1Lg==',
    ],
  ])('reads what Python 3 writes with protocol %i', (_, pickled) => {
    const content = readPickle(Buffer.from(pickled, 'base64')) as ReadonlyMap<string, PickleValue>
    expect([...content.keys()]).toEqual(['data', 'fine_labels', 'k'])
    expect(content.get('fine_labels')).toEqual([1, 70000])
    const { shape, dtype, data } = content.get('data') as PickleArray
    expect([shape, dtype, [...data.bytes()]]).toEqual([[2, 3], 'u1', [0, 10, 200, 128, 255, 65]])
    expect([...(content.get('k') as PickleBytes).bytes()]).toEqual([255, 128, 97])
  })

  it('keeps lists of lists of one list as small as they are, and refuses what has no end', () => {
    // x = [1, 2]; for i in range(n): x = [x, x]; pickle.dumps(x, protocol=2)
    const doubled = (count: number) => {
      const opened = Array.from({ length: count }, (_, i) => `]q${String.fromCharCode(i)}(`).join('')
      const again = Array.from({ length: count }, (_, i) => `h${String.fromCharCode(count - i)}e`).join('')
      return bytes(`\x80\x02${opened}]q${String.fromCharCode(count)}(K\x01K\x02e${again}.`)
    }
    expect(readPickle(doubled(2))).toEqual([
      [
        [1, 2],
        [1, 2],
      ],
      [
        [1, 2],
        [1, 2],
      ],
    ])
    const [one, same] = readPickle(doubled(18)) as PickleValue[]
    expect(one).toBe(same)
    expect(() => readPickle(doubled(25))).toThrow('nested too deeply')
    // A list as a key would be written out, and a list may hold itself.
    expect(() => readPickle(bytes('\x80\x02}]q\x00h\x00a(h\x00K\x01u.'))).toThrow()
    expect(() => readPickle(bytes('\x80\x02}(]q\x01K\x01u.'))).toThrow('a text is missing')
    const itself = readPickle(bytes('\x80\x02]q\x00h\x00a.')) as PickleValue[]
    expect(itself[0]).toBe(itself)
  })

  it('runs nothing: names, objects and calls are refused', () => {
    // pickle of an object whose __reduce__ is (os.system, ('true',)), protocols 2 and 4
    expect(() => readPickle(bytes('\x80\x02cposix\nsystem\nq\x00U\x04trueq\x01\x85q\x02Rq\x03.'))).toThrow(
      'it names posix.system',
    )
    expect(() => readPickle(bytes('\x80\x04\x8c\x05posix\x94\x8c\x06system\x94\x93\x94\x8c\x04true\x85R.'))).toThrow(
      'posix.system',
    )
    expect(() => readPickle(bytes('\x80\x02c__proto__\ntoString\n.'))).toThrow('it names __proto__.toString')
    expect(() => readPickle(bytes('\x80\x02cnumpy\nndarray\n)R.'))).toThrow('it calls something')
    expect(() => readPickle(bytes('\x80\x02cnumpy\nndarray\n.'))).toThrow('no data')
    expect(() => readPickle(bytes("\x80\x02(S'os'\nios\nsystem\n."))).toThrow('opcode 0x53')
  })

  it('answers any bytes with a value or a readable error, in bounded time', () => {
    const file = pythonBatch(cifarImages(2, 10), 'cifar10')
    const check = (candidate: Uint8Array) => {
      try {
        readPickle(candidate)
      } catch (error) {
        expect((error as Error).message).toMatch(/^not the pickle of a CIFAR file: byte \d+: /)
      }
    }
    fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), check))
    fc.assert(fc.property(fc.nat(file.length), (end) => check(file.subarray(0, end))))
    const change = fc.tuple(fc.nat(400), fc.nat(255))
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 4 }), (changes) => {
        const copy = Uint8Array.from(file)
        for (const [at, value] of changes) copy[at] = value
        check(copy)
      }),
      { numRuns: 500 },
    )
  })
})
