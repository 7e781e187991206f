import * as fc from 'fast-check'
import { afterEach, describe, expect, it } from 'vitest'
import { compute, elementsOf, expectClose, wave } from '../testing/compute'
import type { BatchSplit } from './batch-parts'
import type { PendingGraph } from './pending-graph'
import { Recorder, contrib } from './recorder'
import { splitBatch, splitBatchAnyhow } from './split-batch'
import { tile } from './tiling'
import type { Value } from './value'

const g = new Recorder()
afterEach(() => g.clear())

/** What a graph computes in shares, one after the other. */
function computeInParts({ outputs }: PendingGraph, { each, cut, stacked, rest }: BatchSplit, count: number) {
  const made = new Map<Value, Float32Array>()
  for (let n = 0; n < count; n++) {
    const results = compute(each, (v) => {
      const whole = cut.get(v)
      return whole === undefined ? elementsOf(v) : elementsOf(whole).slice(n * v.size, (n + 1) * v.size)
    })
    stacked.forEach((v, i) => {
      const all = made.get(v) ?? new Float32Array(v.size)
      all.set(results[i]!, n * results[i]!.length)
      made.set(v, all)
    })
  }
  if (rest !== null) {
    const results = compute(rest, (v) => made.get(v)?.slice() ?? elementsOf(v))
    rest.outputs.forEach((v, i) => made.set(v, results[i]!))
  }
  return outputs.map((v) => made.get(v)!)
}

function expectSame(graph: PendingGraph, split: BatchSplit, count: number, tolerance?: number): void {
  expectClose(computeInParts(graph, split, count), compute(graph), tolerance)
}

/** The operations that are computed in shares and the others, after a check that all of it comes to the same. */
function divided(outputs: Value[], count = 2): { each: string[]; rest: string[] } | null {
  const graph = g.collect(outputs)
  const split = splitBatchAnyhow(graph, count)
  if (split === null) return null
  expectSame(graph, split, count)
  const ops = (part: PendingGraph | null) => (part?.nodes ?? []).map((node) => node.op)
  return { each: ops(split.each), rest: ops(split.rest) }
}

const f32 = 'float32' as const
const [batch, tokens, width, classes] = [8, 6, 12, 4]

describe('splitBatch', () => {
  it('shares a training step but for the update', () => {
    const weight = wave(g, [width, width], 1)
    const [gamma, beta] = [wave(g, [width], 2), wave(g, [width], 3)]
    const x = wave(g, [batch, tokens, width])
    const statistic = { shape: [batch, tokens, 1], dtype: f32 }
    const normal = g.emitAll(
      'LayerNormalization',
      [x, gamma, beta],
      [{ shape: x.shape, dtype: f32 }, statistic, statistic],
      {
        axis: -1,
        epsilon: { float: 1e-6 },
      },
    )
    const rows = g.reshape(normal[0]!, [batch * tokens, width])
    const hidden = g.emit('Gemm', [rows, weight, beta], rows.shape, f32, { transB: 1 })
    const heads = g.reshape(g.emit('Gelu', [hidden], rows.shape, f32, undefined, contrib), [
      batch,
      tokens,
      2,
      width / 2,
    ])
    const turned = g.emit('Transpose', [heads], [batch, 2, tokens, width / 2], f32, { perm: [0, 2, 1, 3] })
    const square = [batch, 2, tokens, tokens]
    const scores = g.emit('FusedMatMul', [turned, turned], square, f32, { transA: 0, transB: 1 }, contrib)
    const mixed = g.emit('MatMul', [g.emit('Softmax', [scores], square, f32, { axis: -1 }), turned], turned.shape, f32)
    const first = [batch, 1, 1, width / 2]
    const token = g.emit('Slice', [mixed, g.int64s([0, 0]), g.int64s([1, 1]), g.int64s([1, 2])], first, f32)
    const logits = g.emit(
      'MatMul',
      [g.reshape(token, [batch, width / 2]), wave(g, [width / 2, classes], 4)],
      [batch, classes],
      f32,
    )
    const labels = g.convert(g.convert(wave(g, [batch, classes], 5), 'int32'), f32)
    const loss = g.emit('ReduceMean', [g.emit('Mul', [logits, labels], [batch, classes], f32)], [], f32, {
      axes: [0, 1],
      keepdims: 0,
    })
    const dy = g.emit('Expand', [wave(g, [1, 1], 6), g.int64s([batch, classes])], [batch, classes], f32)
    const dLogits = g.emit('Mul', [labels, dy], [batch, classes], f32)
    const features = g.reshape(token, [batch, width / 2])
    const gradient = g.emit(
      'FusedMatMul',
      [features, dLogits],
      [width / 2, classes],
      f32,
      { transA: 1, transB: 0 },
      contrib,
    )
    const updated = g.emit('Sub', [wave(g, [width / 2, classes], 4), gradient], gradient.shape, f32)
    expect(divided([loss, updated])!.rest).toEqual(['ReduceMean', 'ReduceSum', 'Sub'])
    expect(divided([loss, updated], 4)!.rest).toEqual(['ReduceMean', 'ReduceSum', 'Sub'])
    expect(divided([updated, logits])!.rest).toEqual(['ReduceSum', 'Sub'])
  })

  it('leaves what mixes the batch, and all that follows, to be computed together', () => {
    const x = g.emit('Exp', [wave(g, [batch, width])], [batch, width], f32)
    const mean = g.emit('ReduceMean', [x], [width], f32, { axes: [0], keepdims: 0 })
    const centred = g.emit('Sub', [x, mean], x.shape, f32)
    expect(divided([centred])).toEqual({ each: ['Exp', 'ReduceMean'], rest: ['ReduceMean', 'Sub'] })
  })

  it('does not take a turned batch for a share of itself', () => {
    const x = g.emit('Exp', [wave(g, [batch, width])], [batch, width], f32)
    const ends = [g.int64s([-1]), g.int64s([-(2 ** 31)]), g.int64s([0]), g.int64s([-1])]
    const turned = g.emit('Slice', [x, ...ends], x.shape, f32)
    expect(divided([turned])).toEqual({ each: ['Exp'], rest: ['Slice'] })
    const later = g.emit('Slice', [x, g.int64s([1]), g.int64s([batch - 1]), g.int64s([0])], [batch - 2, width], f32)
    expect(divided([later])).toEqual({ each: ['Exp'], rest: ['Slice'] })
    const square = wave(g, [batch, batch])
    const swapped = g.emit('Transpose', [g.emit('Exp', [square], square.shape, f32)], square.shape, f32, {
      perm: [1, 0],
    })
    expect(divided([swapped])).toEqual({ each: ['Exp'], rest: ['Transpose'] })
  })

  it('cuts nothing that has another number of rows than all shares together', () => {
    expect(divided([g.emit('Exp', [wave(g, [7, 3])], [7, 3], f32)])).toBeNull()
    const odd = g.emit('Exp', [wave(g, [6, 5])], [6, 5], f32)
    expect(divided([g.emit('Neg', [g.reshape(odd, [15, 2])], [15, 2], f32)])).toEqual({
      each: ['Exp'],
      rest: ['Reshape', 'Neg'],
    })
  })

  it('carries shares through axes of length 1 in front', () => {
    const x = g.reshape(g.emit('Exp', [wave(g, [batch, width])], [batch, width], f32), [1, batch, width])
    const y = g.reshape(g.emit('Identity', [g.reshape(x, [batch, width])], [batch, width], f32), [batch / 2, 2 * width])
    expect(divided([y])!.rest).toEqual([])
    const spread = g.emit('Expand', [wave(g, [1, 1]), g.int64s([1, batch])], [1, batch], f32)
    const column = g.emit('Add', [g.reshape(spread, [batch, 1]), wave(g, [batch, width])], [batch, width], f32)
    expect(divided([column])).toBeNull()
  })

  it('leaves shares, and the rest, such that they can run a few rows at a time', () => {
    const shape = [4096, 512]
    const emitWide = (op: string, ...inputs: Value[]) => g.emit(op, inputs, shape, f32)
    const x = emitWide('Mul', emitWide('Exp', wave(g, shape)), g.scalar(0.5))
    const mean = g.emit('ReduceMean', [x], [1, 512], f32, { axes: [0], keepdims: 1 })
    const centred = emitWide('Sub', x, g.reshape(mean, [512]))
    const graph = g.collect([emitWide('Tanh', emitWide('Add', centred, g.scalar(1)))])
    const split = splitBatchAnyhow(graph, 2)!
    const [each, rest] = [tile(split.each, 1), tile(split.rest!, 1)]
    expect(each.nodes.map(({ op }) => op)).toContain('Scan')
    expect(rest.nodes.map(({ op }) => op)).toContain('Scan')
    expectSame(graph, { ...split, each, rest }, 2)
  })

  it('shares only where that pays', () => {
    const chain = (rows: number, inputs: number, length: number, sameMatrix = false) => {
      g.clear()
      const zeros = (shape: number[]) => g.leaf(new Float32Array(shape[0]! * shape[1]!), shape, f32)
      let x = zeros([rows, inputs])
      const matrix = zeros([inputs, inputs])
      for (let i = 0; i < length; i++)
        x = g.emit('MatMul', [x, sameMatrix ? matrix : zeros([inputs, inputs])], [rows, inputs], f32)
      return g.collect([g.emit('ReduceMax', [x], [rows, 1], f32, { axes: [1], keepdims: 1 })])
    }
    expect(splitBatch(chain(4096, 256, 8), 2)).not.toBeNull()
    expect(splitBatch(chain(4096, 256, 8), 1)).toBeNull()
    // Twelve threads: as many as divide the rows, with two or more to a share.
    const counts = [4096, 4092, 4098, 4095, 4093].map((rows) => splitBatch(chain(rows, 256, 100, true), 12)?.count)
    expect(counts).toEqual([4, 12, 6, 3, undefined])
    expect(splitBatch(chain(64, 64, 8), 2)).toBeNull()
    // Everybody would get two large matrices for a few rows.
    expect(splitBatch(chain(16, 4096, 2), 2)).toBeNull()
  })

  it('spares memory: every product of every thread has its constants in an order of its own', () => {
    const matrix = g.leaf(new Float32Array(2 ** 26), [8192, 8192], f32)
    matrix.storage!.isFrozen = true
    const shares = (products: number, threads: number) => {
      g.clear()
      let x = g.leaf(new Float32Array(1024 * 8192), [1024, 8192], f32)
      for (let i = 0; i < products; i++) x = g.emit('MatMul', [x, matrix], x.shape, f32)
      return splitBatch(g.collect([x], Infinity), threads)?.count
    }
    expect(shares(1, 2)).toBe(2)
    expect(shares(2, 2)).toBe(2)
    expect(shares(3, 2)).toBeUndefined()
    expect(shares(1, 4)).toBe(2)
  })

  it('computes the same in shares, whatever the chain', () => {
    const x2 = (v: Value) => g.reshape(v, [v.shape[0]!, v.size / v.shape[0]!])
    const steps: Record<string, (v: Value, phase: number) => Value> = {
      tanh: (v) => g.emit('Tanh', [v], v.shape, f32),
      addOther: (v, phase) => g.emit('Add', [v, wave(g, [...v.shape], phase)], v.shape, f32),
      addSame: (v, phase) => g.emit('Add', [v, wave(g, [1, ...v.shape.slice(1)], phase)], v.shape, f32),
      scaleFirst: (v) => g.emit('Mul', [g.scalar(0.5), v], v.shape, f32),
      product: (v, phase) => {
        const x = x2(v)
        return g.emit('MatMul', [x, wave(g, [x.shape[1]!, 6], phase)], [x.shape[0]!, 6], f32)
      },
      pairs: (v) => {
        const x = g.reshape(v, [v.shape[0]!, 2, v.size / v.shape[0]! / 2])
        return g.emit('FusedMatMul', [x, x], [v.shape[0]!, 2, 2], f32, { transA: 0, transB: 1 }, contrib)
      },
      softmax: (v) => g.emit('Softmax', [v], v.shape, f32, { axis: -1 }),
      split: (v) => {
        const x = x2(v)
        const half = { shape: [x.shape[0]!, x.shape[1]! / 2], dtype: f32 }
        const [a, b] = g.emitAll('Split', [x, g.int64s([x.shape[1]! / 2, x.shape[1]! / 2])], [half, half], { axis: 1 })
        return g.emit('Concat', [b!, a!, a!], [x.shape[0]!, (x.shape[1]! / 2) * 3], f32, { axis: -1 })
      },
      fold: (v) => g.reshape(v, [v.shape[0]! / 2, v.size / (v.shape[0]! / 2)]),
      unfold: (v) => g.reshape(v, [v.shape[0]! * 2, v.size / v.shape[0]! / 2]),
      rowSums: (v) =>
        g.emit(
          'Div',
          [x2(v), g.emit('ReduceMax', [x2(v)], [v.shape[0]!, 1], f32, { axes: [1], keepdims: 1 })],
          x2(v).shape,
          f32,
        ),
      centre: (v) =>
        g.emit(
          'Sub',
          [v, g.emit('ReduceMean', [v], [1, ...v.shape.slice(1)], f32, { axes: [0], keepdims: 1 })],
          v.shape,
          f32,
        ),
      gather: (v) =>
        g.emit('Gather', [x2(v), g.leaf(Int32Array.from([1, 0, 1, 1]), [4], 'int32')], [v.shape[0]!, 4], f32, {
          axis: 1,
        }),
      pad: (v) =>
        g.emit('Pad', [x2(v), g.int64s([0, 1, 0, 1]), g.scalar(0.25)], [v.shape[0]!, x2(v).shape[1]! + 2], f32),
      gram: (v) =>
        g.emit(
          'FusedMatMul',
          [x2(v), x2(v)],
          [x2(v).shape[1]!, x2(v).shape[1]!],
          f32,
          { transA: 1, transB: 0 },
          contrib,
        ),
    }
    const isEven = (v: Value) =>
      v.shape.length > 1 && v.shape[0]! % 8 === 0 && (v.size / v.shape[0]!) % 4 === 0 && v.size < 4096
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.constantFrom(...Object.keys(steps)), fc.boolean()), { minLength: 2, maxLength: 7 }),
        fc.constantFrom(2, 4),
        (chain, count) => {
          g.clear()
          let value = g.emit('Exp', [wave(g, [32, 12])], [32, 12], f32)
          const outputs: Value[] = []
          chain.forEach(([name, isWanted], i) => {
            if (!isEven(value)) return
            value = steps[name]!(value, i)
            // Folding and unfolding gives back the value that it began with.
            if (isWanted && value.node !== null && !outputs.includes(value)) outputs.push(value)
          })
          if (!outputs.includes(value)) outputs.push(value)
          const graph = g.collect(outputs)
          const split = splitBatchAnyhow(graph, count)
          expect(split).not.toBeNull()
          // Differences of nearly equal numbers make much of another order of summation.
          expectSame(graph, split!, count, 1e-3)
        },
      ),
      { numRuns: 60 },
    )
  })
})
