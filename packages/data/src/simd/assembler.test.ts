import { describe, expect, it } from 'vitest'
import { get, i16x8, i32, i32x4, i8x16, increase, repeat, set, v128, wasmFunction, wasmModule } from './assembler'
import { instantiate } from './instantiate'
import type { WasmMemory } from './instantiate'

interface Program {
  readonly memory: WasmMemory
  run(...parameters: number[]): void
}

/** Runs a function once over a memory that begins with `bytes`, and gives what it begins with then. */
function after(bytes: readonly number[], parameters: readonly number[], run: Parameters<typeof wasmModule>[0][number]) {
  const { memory, ...functions } = instantiate<Program>(wasmModule([run]))!
  new Uint8Array(memory.buffer).set(bytes)
  functions.run(...parameters)
  return [...new Uint8Array(memory.buffer, 0, 48)]
}

const bytes = Array.from({ length: 32 }, (_, i) => i + 1)

describe('the assembler', () => {
  it('encodes numbers of any size and both signs', () => {
    for (const value of [0, 1, 63, 64, 127, 128, 300, 2 ** 21, 2 ** 31 - 1, -1, -64, -65, -129, -(2 ** 31)]) {
      const store = wasmFunction('run', { parameters: [], numbers: ['n'], vectors: [] }, (l) => [
        set(l.n, i32.const(value)),
        v128.storeFirst32(i32.const(0), i32x4.splat(get(l.n))),
      ])
      expect(new Int32Array(Uint8Array.from(after([], [], store)).buffer)[0]).toBe(value)
    }
  })

  it('counts a loop down, with what it is given', () => {
    const locals = { parameters: ['times'], numbers: ['left', 'sum'], vectors: [] } as const
    const run = wasmFunction('run', locals, (l) => [
      repeat(l.left, get(l.times), increase(l.sum, i32.add(get(l.left), i32.load(i32.const(0), 4)))),
      v128.storeFirst32(i32.const(8), i32x4.splat(get(l.sum))),
    ])
    expect(after([0, 0, 0, 0, 10], [4], run)[8]).toBe(4 + 3 + 2 + 1 + 4 * 10)
  })

  it('shuffles, widens, multiplies, narrows', () => {
    const first = v128.load(i32.const(0))
    const pairs = i8x16.shuffle(
      [0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23],
      first,
      v128.load(i32.const(16)),
    )
    const run = wasmFunction('run', { parameters: [], numbers: [], vectors: ['sums'] }, (l) => [
      // 1 · 1 + 17 · 17, 2 · 2 + 18 · 18, …
      set(l.sums, i32x4.dot(i16x8.extendLowUnsigned(pairs), i16x8.extendLowUnsigned(pairs))),
      v128.store(i32.const(32), i8x16.narrowUnsigned(i16x8.narrowSigned(get(l.sums), v128.zero), v128.zero)),
      v128.store(i32.const(0), i32x4.shiftRight(get(l.sums), i32.const(1))),
    ])
    const out = after(bytes, [], run)
    const sums = [1, 2, 3, 4].map((a) => a * a + (a + 16) ** 2)
    expect(out.slice(32)).toEqual([...sums.map((sum) => Math.min(255, sum)), ...new Array<number>(12).fill(0)])
    expect([...new Int32Array(Uint8Array.from(out).buffer, 0, 4)]).toEqual(sums.map((sum) => sum >> 1))
  })

  it('loads part of a vector', () => {
    const run = wasmFunction('run', { parameters: ['from'], numbers: [], vectors: [] }, (l) => [
      v128.store(i32.const(32), i32x4.add(v128.load64Zero(get(l.from)), v128.load32Splat(get(l.from), 4))),
    ])
    const [a, b] = [
      [5, 6, 7, 8],
      [9, 10, 11, 12],
    ]
    const plus = (x: number[], y: number[]) => x.map((value, i) => value + y[i]!)
    expect(after(bytes, [4], run).slice(32)).toEqual([...plus(a!, b!), ...plus(b!, b!), ...b!, ...b!])
  })
})

describe('instantiate', () => {
  it('gives nothing where a module does not hold', () => {
    expect(instantiate(Uint8Array.of(1, 2, 3))).toBeUndefined()
  })
})
