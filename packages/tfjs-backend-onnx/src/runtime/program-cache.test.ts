import { describe, expect, it } from 'vitest'
import { Recorder, nchwc } from '../graph/recorder'
import type { Value } from '../graph/value'
import type { Device, ProgramSource } from './device'
import { type Program, ProgramCache } from './program-cache'

const g = new Recorder()

/** Records what is built and disposed, and computes nothing. */
function fakeDevice() {
  const built: ProgramSource[] = []
  const disposed: number[] = []
  const device = {
    build: (_: number, source: ProgramSource) => built.push(source),
    disposeProgram: (program: number) => disposed.push(program),
  } as unknown as Device
  return { device, built, disposed }
}

const input = (length = 4) => g.leaf(new Float32Array(length), [length], 'float32')

/** The device's program that computes a graph. */
const idOf = ({ steps }: Program): number => steps[0]!.program

/** The graph of what `record` records. */
const graph = (record: () => Value) => {
  g.clear()
  const output = record()
  return g.collect([output])
}

/** Runs a program for so many rows of its own beside `bytes` of frozen weights; says whether it holds these as a constant. */
function holder(cache: ProgramCache, bytes: number): (rows: number) => boolean {
  const weights = input(bytes / 4)
  weights.storage!.isFrozen = true
  return (rows) => {
    const use = (limit: number) => {
      g.clear()
      const rest = g.emit('Neg', [input(rows)], [rows], 'float32')
      const shape = [rows + weights.size]
      const joined = g.emit('Concat', [rest, weights], shape, 'float32', { axis: 0 })
      return g.collect([g.emit('Neg', [joined], shape, 'float32')], limit)
    }
    const wanted = use(Infinity)
    const has = cache.holds(wanted)
    cache.get(has ? wanted : use(2 ** 24))
    return has
  }
}

describe('ProgramCache', () => {
  it('builds once for graphs of one structure, whatever their values', () => {
    const { device, built } = fakeDevice()
    const cache = new ProgramCache(device, { bytes: 2 ** 30 })
    const once = () => g.emit('Neg', [input()], [4], 'float32')
    const first = idOf(cache.get(graph(once)))
    expect(idOf(cache.get(graph(once)))).toBe(first)
    expect(idOf(cache.get(graph(() => g.emit('Abs', [input()], [4], 'float32'))))).not.toBe(first)
    expect(idOf(cache.get(graph(() => g.emit('Neg', [input(5)], [5], 'float32'))))).not.toBe(first)
    expect(built.length).toBe(3)
  })

  it('lets ONNX Runtime move transpositions where they stand between its convolutions', () => {
    const { device, built } = fakeDevice()
    const cache = new ProgramCache(device, { bytes: 2 ** 30 })
    const image = g.leaf(new Float32Array(16), [1, 1, 4, 4], 'float32')
    const filter = g.leaf(new Float32Array(1), [1, 1, 1, 1], 'float32')
    const convolution = (domain: string) => g.emit('Conv', [image, filter], image.shape, 'float32', {}, domain)
    for (const domain of ['', nchwc]) cache.get(graph(() => convolution(domain)))
    cache.get(graph(() => g.emit('Neg', [image], image.shape, 'float32')))
    expect(built.map(({ movesTransposes }) => movesTransposes)).toEqual([true, false, false])
  })

  it('tells apart one tensor used twice from two tensors', () => {
    const { device, built } = fakeDevice()
    const cache = new ProgramCache(device, { bytes: 2 ** 30 })
    const twice = () => {
      const x = input()
      return g.emit('Add', [x, x], [4], 'float32')
    }
    cache.get(graph(twice))
    cache.get(graph(() => g.emit('Add', [input(), input()], [4], 'float32')))
    expect(built.map(({ inputs }) => inputs.length)).toEqual([1, 2])
  })

  it('turns a soft constant into an input once it changes', () => {
    const { device, built, disposed } = fakeDevice()
    const cache = new ProgramCache(device, { bytes: 2 ** 30 })
    const scaled = (factor: number) => graph(() => g.emit('Mul', [input(), g.softScalar(factor)], [4], 'float32'))
    expect(cache.get(scaled(2)).fed).toEqual([true, false])
    cache.get(scaled(2))
    expect(built.length).toBe(1)
    expect(cache.get(scaled(3)).fed).toEqual([true, true])
    cache.get(scaled(4))
    expect(built.length).toBe(2)
    expect(disposed.length).toBe(1)
    expect(cache.respecialisations).toBe(1)
  })

  it('has a program for each frozen tensor, and holds it as a constant up to a limit', () => {
    const { device, built } = fakeDevice()
    const cache = new ProgramCache(device, { bytes: 2 ** 30 })
    const frozen = () => {
      const value = input()
      value.storage!.isFrozen = true
      return value
    }
    const [one, other] = [frozen(), frozen()]
    const sum = (value: Value, limit: number) => {
      g.clear()
      const output = g.emit('Add', [input(), value], [4], 'float32')
      return idOf(cache.get(g.collect([output], limit)))
    }
    const first = sum(one, 16)
    expect(sum(one, 16)).toBe(first)
    expect(sum(other, 16)).not.toBe(first)
    expect(built.map(({ inputs, constants }) => [inputs.length, constants[0]?.id])).toEqual([
      [1, one.storage!.id],
      [1, other.storage!.id],
    ])
    expect(sum(one, 15)).toBe(sum(other, 15))
    expect(built[2]!.inputs.length).toBe(2)
    expect(built[2]!.constants).toEqual([])
  })

  it('holds large constants where a program computes several times as much', () => {
    const value = input(2 ** 24 + 1)
    value.storage!.isFrozen = true
    const frozenAfter = (products: number) => {
      g.clear()
      let output = value
      for (let i = 0; i < products; i++) output = g.emit('Neg', [output], value.shape, 'float32')
      return g.collect([output]).frozen.length
    }
    expect(frozenAfter(3)).toBe(0)
    expect(frozenAfter(4)).toBe(1)
  })

  it('holds large constants once, and again when no loop uses the first program any more', () => {
    const { device, built, disposed } = fakeDevice()
    const bytes = 2 ** 26 + 4
    const cache = new ProgramCache(device, { bytes: 2 ** 40, constantBytes: 1.5 * bytes })
    const holds = holder(cache, bytes)
    expect([1, 2, 1, 2, 1].map(holds)).toEqual([true, false, true, false, true])
    expect(built.map(({ constants, givesMemoryBack }) => [constants.length, givesMemoryBack])).toEqual([
      [1, false],
      [0, true],
    ])
    for (let run = 0; run < 8; run++) cache.touch(cache.get(graph(() => g.emit('Neg', [input(3)], [3], 'float32'))))
    expect(holds(2)).toBe(true)
    expect(disposed.length).toBe(1)
    expect(cache.count).toBe(3)
  })

  it('has memory kept between runs for programs that need much, or often', () => {
    const { device, built } = fakeDevice()
    const cache = new ProgramCache(device, { bytes: 2 ** 30 })
    const chains = [
      { shape: [2 ** 24 - 1], length: 2 },
      { shape: [2 ** 24], length: 2 },
      { shape: [4], length: 64 },
      { shape: [4], length: 65 },
    ]
    for (const { shape, length } of chains)
      cache.get(
        graph(() => {
          const first = g.emit('ConstantOfShape', [g.int64s(shape)], shape, 'float32')
          return Array.from({ length: length - 1 }).reduce<Value>((x) => g.emit('Neg', [x], shape, 'float32'), first)
        }),
      )
    expect(built.map(({ givesMemoryBack }) => givesMemoryBack)).toEqual([true, false, true, false])
  })

  it('holds no tensor in two programs of a loop, whatever room there is', () => {
    const { device, built } = fakeDevice()
    const bytes = 2 ** 26 + 4
    const cache = new ProgramCache(device, { bytes: 2 ** 40, constantBytes: 100 * bytes })
    const [holds, holdsOther] = [holder(cache, bytes), holder(cache, bytes)]
    // A batch, a smaller last one, and another network between them.
    expect([holds(2), holdsOther(2), holds(1), holds(2), holdsOther(1)]).toEqual([true, true, false, true, false])
    expect(built.map(({ constants }) => constants.length)).toEqual([1, 1, 0])
  })

  it('gives the room of a program that came once to the loop behind it', () => {
    const { device, built } = fakeDevice()
    const bytes = 2 ** 26 + 4
    const cache = new ProgramCache(device, { bytes: 2 ** 40, constantBytes: 1.5 * bytes })
    const holds = holder(cache, bytes)
    // A first step, and then others: the second of these finds that nobody asked for the first since.
    expect([1, 2, 2, 2].map(holds)).toEqual([true, false, true, true])
    expect(built.map(({ constants }) => constants.length)).toEqual([1, 0, 1])
    // A scoring pass goes on, and has its room back, while the loop rests; nobody has it who takes turns.
    expect([1, 1].map(holds)).toEqual([false, true])
    expect([2, 1, 2, 1].map(holds)).toEqual([false, true, false, true])
  })

  it('lets programs of a loop go where they hold far too much', () => {
    const { device, built } = fakeDevice()
    const cache = new ProgramCache(device, { bytes: 1, loopBytes: 2 })
    const get = (length: number) => idOf(cache.get(graph(() => g.emit('Neg', [input(length)], [length], 'float32'))))
    for (const length of [1, 2, 1, 2]) get(length)
    expect(built.length).toBe(4)
    expect(cache.count).toBe(1)
  })

  it('lets the least recently used go when memory is short, but none of a loop', () => {
    const { device, built, disposed } = fakeDevice()
    const cache = new ProgramCache(device, { bytes: 1 })
    const get = (length: number) => idOf(cache.get(graph(() => g.emit('Neg', [input(length)], [length], 'float32'))))
    const loop = [1, 2, 3].map(get)
    expect([1, 2, 3].map(get)).toEqual(loop)
    expect(disposed).toEqual([])
    for (let length = 10; length < 30; length++) get(length)
    expect(disposed).toEqual([...loop, ...Array.from({ length: 12 }, (_, i) => loop[2]! + 1 + i)])
    expect(cache.count).toBe(8)
    expect(cache.evictions).toBe(15)
    get(1)
    expect(built.length).toBe(24)
  })

  it('lets programs go that are not expected back, and no others', () => {
    const { device, disposed } = fakeDevice()
    const cache = new ProgramCache(device, { bytes: 2 ** 30 })
    const get = (length: number) => idOf(cache.get(graph(() => g.emit('Neg', [input(length)], [length], 'float32'))))
    // shapes of one task each, among steps that repeat and an evaluation that comes back now and then
    const task = (number: number) => {
      get(100 + number)
      for (let i = 0; i < 400; i++) get(1)
      return get(2)
    }
    const [step, evaluation] = [get(1), task(0), task(1)].slice(0, 2)
    // from its second time on it is known to come back
    const again = task(2)
    for (let number = 3; number < 8; number++) expect(task(number)).toBe(again)
    expect(get(1)).toBe(step)
    expect(cache.count).toBe(2)
    expect(disposed).toContain(evaluation)
    expect(disposed).not.toContain(step)
  })

  it('lets those of earlier tasks go where every task builds others', () => {
    const { device, built } = fakeDevice()
    const cache = new ProgramCache(device, { bytes: 2 ** 30 })
    const get = (length: number) => idOf(cache.get(graph(() => g.emit('Neg', [input(length)], [length], 'float32'))))
    /** Two programs of its own, and one that comes back in every tenth task. */
    for (let task = 0; task < 100; task++) {
      get(1000 + task)
      get(2000 + task)
      if (task % 10 === 0) get(1)
    }
    expect(cache.count).toBeLessThan(2 * 40)
    // The one that comes back was built twice at most.
    expect(built.length).toBeLessThanOrEqual(2 * 100 + 2)
  })

  it('lets programs go whose constants are gone', () => {
    const { device, disposed } = fakeDevice()
    const cache = new ProgramCache(device, { bytes: 2 ** 30 })
    const frozen = input()
    frozen.storage!.isFrozen = true
    const program = idOf(cache.get(graph(() => g.emit('Add', [input(), frozen], [4], 'float32'))))
    cache.forget(frozen.storage!.id + 1)
    expect(disposed).toEqual([])
    cache.forget(frozen.storage!.id)
    expect(disposed).toEqual([program])
    expect(cache.count).toBe(0)
  })

  it('spares threads for programs that have little to do', () => {
    const { device, built } = fakeDevice()
    const cache = new ProgramCache(device, { bytes: 2 ** 30 })
    for (const length of [1000, 1_000_000]) cache.get(graph(() => g.emit('Neg', [input(length)], [length], 'float32')))
    expect(built.map(({ isSmall }) => isSmall)).toEqual([true, false])
  })
})
