import { afterAll, describe, expect, it } from 'vitest'
import { type OnnxBackend, createOnnxBackend } from '../index'

const backends = [createOnnxBackend({ worker: false, threads: 1 }), createOnnxBackend({ worker: false, threads: 1 })]
const [one, other] = backends as [OnnxBackend, OnnxBackend]
afterAll(() => backends.forEach((backend) => backend.dispose()))

const upload = (backend: OnnxBackend, values: number[]) => {
  const [shape, dtype] = [[values.length], 'float32' as const]
  return { dataId: backend.write(Float32Array.from(values), shape, dtype), shape, dtype }
}

/** Records −x, which is pending afterwards. */
const negative = (backend: OnnxBackend, values: number[]) =>
  backend.tensor(backend.recorder.emit('Neg', [backend.value(upload(backend, values))], [values.length], 'float32'))

describe('two backends of a process', () => {
  it('do not see what the other has recorded', () => {
    const [x, y] = [negative(one, [1, 2]), negative(other, [3, 4, 5])]
    expect([one.recorder.pendingCount, other.recorder.pendingCount]).toEqual([1, 1])
    other.flush()
    expect([one.recorder.pendingCount, other.recorder.pendingCount]).toEqual([1, 0])
    expect([...(one.readSync(x.dataId) as Float32Array)]).toEqual([-1, -2])
    expect([...(other.readSync(y.dataId) as Float32Array)]).toEqual([-3, -4, -5])
  })

  it('have buffers, constants and programs of their own', () => {
    const before = [one, other].map((backend) => backend.stats())
    const values = [6, 7]
    const results = [one, other].map((backend) => {
      const x = negative(backend, values)
      return [...(backend.readSync(x.dataId) as Float32Array)]
    })
    expect(results).toEqual([
      [-6, -7],
      [-6, -7],
    ])
    // The first has had a graph of that structure.
    expect([one, other].map((backend, i) => backend.stats().builds - before[i]!.builds)).toEqual([0, 1])
    expect(one.recorder.int64s([1])).not.toBe(other.recorder.int64s([1]))
  })

  it('go on when the other is gone', () => {
    const third = createOnnxBackend({ worker: false, threads: 1 })
    const x = negative(third, [1])
    expect([...(third.readSync(x.dataId) as Float32Array)]).toEqual([-1])
    third.dispose()
    expect([...(one.readSync(negative(one, [8]).dataId) as Float32Array)]).toEqual([-8])
  })
})
