/**
 * A small assembler for WebAssembly with SIMD: instructions as functions of the code that makes their operands, so that a program
 * reads like an expression. Numbers of instructions and sections are those of the WebAssembly specification 2.0, § 5.
 */

/** Bytes of code. */
export type Code = readonly number[]

const unsigned = (value: number): number[] =>
  value < 128 ? [value] : [(value & 127) | 128, ...unsigned(Math.floor(value / 128))]

function signed(value: number): number[] {
  const low = value & 127
  const rest = value >> 7
  const isLast = (rest === 0 && low < 64) || (rest === -1 && low >= 64)
  return isLast ? [low] : [low | 128, ...signed(rest)]
}

/** An instruction after its operands. */
const operation =
  (...opcode: number[]) =>
  (...operands: Code[]): Code => [...operands.flat(), ...opcode]

/** One of the instructions for vectors. */
const vector = (number: number) => operation(0xfd, ...unsigned(number))

/** An instruction that reads or writes at an address, `2 ** aligned` bytes apart, with an offset. */
const access =
  (aligned: number, ...opcode: number[]) =>
  (address: Code, offset = 0, ...rest: Code[]): Code => [
    ...address,
    ...rest.flat(),
    ...opcode,
    aligned,
    ...unsigned(offset),
  ]

export const get = (local: number): Code => [0x20, ...unsigned(local)]
export const set = (local: number, value: Code): Code => [...value, 0x21, ...unsigned(local)]

export const i32 = {
  const: (value: number): Code => [0x41, ...signed(value)],
  add: operation(0x6a),
  load: access(2, 0x28),
}

export const v128 = {
  zero: [0xfd, ...unsigned(12), ...new Array<number>(16).fill(0)] as Code,
  /** 16 bytes. */
  load: access(0, 0xfd, 0),
  /** 8 bytes, and 8 zeros. */
  load64Zero: access(0, 0xfd, ...unsigned(93)),
  /** 4 bytes, four times. */
  load32Splat: access(2, 0xfd, 9),
  store: (address: Code, value: Code): Code => access(0, 0xfd, 11)(address, 0, value),
  /** The first 4 bytes. */
  storeFirst32: (address: Code, value: Code): Code => [...access(0, 0xfd, ...unsigned(90))(address, 0, value), 0],
}

export const i8x16 = {
  /** Bytes of two vectors: 0 … 15 are the first one's. */
  shuffle: (lanes: Code, a: Code, b: Code): Code => [...a, ...b, 0xfd, ...unsigned(13), ...lanes],
  /** Of signed 16-bit numbers, those below 0 as 0, above 255 as 255. */
  narrowUnsigned: vector(102),
}

export const i16x8 = {
  narrowSigned: vector(133),
  extendLowUnsigned: vector(137),
  extendHighUnsigned: vector(138),
}

export const i32x4 = {
  splat: vector(17),
  add: vector(174),
  shiftLeft: vector(171),
  shiftRight: vector(172),
  /** Products of signed 16-bit numbers, each two neighbours' added. */
  dot: vector(186),
}

/** Adds a number to a local. */
export const increase = (local: number, by: Code): Code => set(local, i32.add(get(local), by))

/** Does something `times` times, at least once; `counter` counts down. */
export const repeat = (counter: number, times: Code, ...body: Code[]): Code => [
  ...set(counter, times),
  ...[0x03, 0x40],
  ...body.flat(),
  ...i32.add(get(counter), i32.const(-1)),
  // tee, and on with the loop unless it is 0
  ...[0x22, ...unsigned(counter), 0x0d, 0, 0x0b],
]

/** A function without a result. */
export interface WasmFunction {
  readonly name: string
  readonly parameters: number
  readonly code: Code
}

const typeI32 = 0x7f
const typeV128 = 0x7b

/**
 * @param locals names: of the 32-bit numbers that a call gives, of others, and of vectors
 * @param body is told the locals' indices by their names
 */
export function wasmFunction<P extends string, N extends string, V extends string>(
  name: string,
  locals: { readonly parameters: readonly P[]; readonly numbers: readonly N[]; readonly vectors: readonly V[] },
  body: (local: Readonly<Record<P | N | V, number>>) => readonly Code[],
): WasmFunction {
  const { parameters, numbers, vectors } = locals
  const numbered = Object.fromEntries([...parameters, ...numbers, ...vectors].map((local, i) => [local, i]))
  const declared = [2, ...unsigned(numbers.length), typeI32, ...unsigned(vectors.length), typeV128]
  const code = [...declared, ...body(numbered as Record<P | N | V, number>).flat(), 0x0b]
  return { name, parameters: parameters.length, code }
}

/** A module of functions and a memory of one page (64 KiB) called `memory`, which may grow. */
export function wasmModule(functions: readonly WasmFunction[]): Uint8Array<ArrayBuffer> {
  const section = (number: number, ...entries: Code[]) => {
    const content = [...unsigned(entries.length), ...entries.flat()]
    return [number, ...unsigned(content.length), ...content]
  }
  const named = (name: string, ...what: number[]) => {
    const bytes = new TextEncoder().encode(name)
    return [...unsigned(bytes.length), ...bytes, ...what]
  }
  return Uint8Array.from([
    ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(
      1,
      ...functions.map(({ parameters: count }) => [0x60, count, ...new Array<number>(count).fill(typeI32), 0]),
    ),
    ...section(3, ...functions.map((_, i) => unsigned(i))),
    ...section(5, [0, 1]),
    ...section(7, named('memory', 2, 0), ...functions.map(({ name }, i) => named(name, 0, ...unsigned(i)))),
    ...section(10, ...functions.map(({ code }) => [...unsigned(code.length), ...code])),
  ])
}
