import { afterAll, describe, expect, it } from 'vitest'
import { encodeModel, nameOf } from '../../graph/onnx-model'
import { Recorder } from '../../graph/recorder'
import type { ProgramSource } from '../device'
import { LocalDevice } from './local-device'
import { nodeRuntime } from './runtime'
import { Team } from './team'

const g = new Recorder()
const device = new LocalDevice({ ...nodeRuntime.defaults(), threads: 3 })
afterAll(() => device.close())

let ids = 0
const upload = (values: number[] | Float32Array): number => {
  device.write(++ids, Float32Array.from(values))
  return ids
}
const numbers = (length: number, first = 0) => Array.from({ length }, (_, i) => first + i)

/** A program of `rows` times 4 numbers times a matrix: the rows are cut in parts, the matrix is not. */
function source(rows: number, count: number): ProgramSource {
  g.clear()
  const float = (shape: number[]) => g.leaf(new Float32Array(shape.reduce((a, b) => a * b)), shape, 'float32')
  const [x, w] = [float([rows / count, 4]), float([4, 2])]
  const y = g.emit('MatMul', [x, w], [rows / count, 2], 'float32')
  const sum = g.emit('ReduceMax', [y], [1, 2], 'float32', { axes: [0], keepdims: 1 })
  const graph = g.collect([y, sum])
  const port = (v: typeof x) => ({ name: nameOf(v), dtype: v.dtype, shape: v.shape })
  return {
    model: encodeModel({ ...graph, inputs: graph.leaves }),
    movesTransposes: false,
    isSmall: false,
    givesMemoryBack: false,
    inputs: [x, w].map(port),
    outputs: [y, sum].map(port),
    constants: [],
    parts: { count, isCut: [true, false] },
  }
}

function expected(x: number[], w: number[]): number[] {
  return numbers(x.length / 4).flatMap((row) =>
    [0, 1].map((column) => [0, 1, 2, 3].reduce((sum, k) => sum + x[row * 4 + k]! * w[k * 2 + column]!, 0)),
  )
}

describe('Team', () => {
  it('runs every part of a program on a thread of its own, as often as asked', () => {
    const program = ++ids
    device.build(program, source(12, 3))
    for (const first of [0, 5]) {
      const [x, w] = [numbers(48, first), numbers(8, -first)]
      const outputs = [++ids, ++ids]
      device.run(program, [upload(x), upload(w)], outputs)
      const y = expected(x, w)
      expect([...device.readSync(outputs[0]!)]).toEqual(y)
      const greatest = (part: number[], column: number) => Math.max(...part.filter((_, i) => i % 2 === column))
      expect([...device.readSync(outputs[1]!)]).toEqual(
        [0, 1, 2].flatMap((n) => [0, 1].map((column) => greatest(y.slice(n * 8, (n + 1) * 8), column))),
      )
    }
    device.disposeProgram(program)
  })

  it('runs programs of different numbers of parts in turn', () => {
    const counts = [3, 2, 3]
    const programs = counts.map((count) => {
      device.build(++ids, source(6, count))
      return ids
    })
    for (const program of [...programs, ...programs.reverse()]) {
      const outputs = [++ids, ++ids]
      device.run(program, [upload(numbers(24)), upload(numbers(8))], outputs)
      expect([...device.readSync(outputs[0]!)]).toEqual(expected(numbers(24), numbers(8)))
    }
    programs.forEach((program) => device.disposeProgram(program))
  })

  it('hands constants to everybody', () => {
    const program = ++ids
    const { inputs, ...others } = source(6, 3)
    const w = numbers(8)
    const [rows, matrix] = inputs as [(typeof inputs)[0], (typeof inputs)[0]]
    const graph = g.collect([...g.pending.at(-1)!.outputs, ...g.pending[0]!.outputs])
    const frozen = graph.leaves.filter((v) => nameOf(v) === matrix.name)
    const x = graph.leaves.filter((v) => nameOf(v) === rows.name)
    device.build(program, {
      ...others,
      model: encodeModel({ ...graph, inputs: x, frozen }),
      movesTransposes: false,
      isSmall: false,
      givesMemoryBack: false,
      inputs: [rows],
      constants: [{ ...matrix, id: upload(w) }],
      parts: { count: 3, isCut: [true] },
    })
    const outputs = [++ids, ++ids]
    device.run(program, [upload(numbers(24))], outputs)
    expect([...device.readSync(outputs[0]!)]).toEqual(expected(numbers(24), w))
  })

  it('hands several constants of different sizes to everybody', () => {
    g.clear()
    const leaf = (rows: number, columns: number) => g.leaf(new Float32Array(rows * columns), [rows, columns], 'float32')
    const [x, a, b] = [leaf(2, 4), leaf(4, 3), leaf(3, 2)]
    const y = g.emit('MatMul', [g.emit('MatMul', [x, a], [2, 3], 'float32'), b], [2, 2], 'float32')
    const graph = g.collect([y])
    const port = (v: typeof x) => ({ name: nameOf(v), dtype: v.dtype, shape: v.shape })
    const program = ++ids
    device.build(program, {
      model: encodeModel({ ...graph, inputs: [x], frozen: [a, b] }),
      movesTransposes: false,
      isSmall: false,
      givesMemoryBack: false,
      inputs: [port(x)],
      outputs: [port(y)],
      constants: [
        { ...port(a), id: upload(numbers(12)) },
        { ...port(b), id: upload(numbers(6)) },
      ],
      parts: { count: 3, isCut: [true] },
    })
    const output = ++ids
    device.run(program, [upload(numbers(24))], [output])
    const product = (left: ArrayLike<number>, right: ArrayLike<number>, inner: number, columns: number) =>
      Array.from({ length: (left.length / inner) * columns }, (_, i) =>
        Array.from({ length: inner }, (_, k) => k).reduce(
          (sum, k) => sum + left[Math.floor(i / columns) * inner + k]! * right[k * columns + (i % columns)]!,
          0,
        ),
      )
    const exact = product(product(numbers(24), numbers(12), 4, 3), numbers(6), 3, 2)
    const computed = device.readSync(output)
    expect(computed.length).toBe(12)
    exact.forEach((value, i) =>
      expect(Math.abs(Number(computed[i]) - value)).toBeLessThan(1e-5 * (1 + Math.abs(value))),
    )
  })

  it('says what is wrong with a program, and works on', () => {
    const broken = ++ids
    device.build(broken, { ...source(6, 3), model: Uint8Array.of(1, 2, 3) })
    const outputs = [++ids, ++ids]
    device.run(broken, [upload(numbers(24)), upload(numbers(8))], outputs)
    expect(() => device.readSync(outputs[0]!)).toThrow(/could not build a session/)
    const program = ++ids
    device.build(program, source(6, 3))
    const more = [++ids, ++ids]
    device.run(program, [upload(numbers(24)), upload(numbers(8))], more)
    expect([...device.readSync(more[0]!)]).toEqual(expected(numbers(24), numbers(8)))
  })
})

describe('a thread of a team that ends', () => {
  it('is an error of what it took part in, and does not stop the others', () => {
    const options = { ...nodeRuntime.defaults(), threads: 2, profile: 'exit', part: true }
    const team = new Team(options as never, new URL('../../testing/failing-thread.mjs', import.meta.url))
    team.build(1, source(6, 2), [])
    expect(() => team.built()).toThrow(expect.objectContaining({ code: 'thread-ended' }) as Error)
    expect(() => team.start(1, [])).toThrow(expect.objectContaining({ code: 'thread-ended' }) as Error)
    team.dispose(1)
    team.close()
  })
})
