import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { cifarImages, pythonBatch } from '../__fixtures__/cifar-files'
import { readPickle } from './pickle'

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
