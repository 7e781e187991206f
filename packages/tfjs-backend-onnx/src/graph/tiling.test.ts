import { afterEach, describe, expect, it } from 'vitest'
import { compute, expectClose, wave } from '../testing/compute'
import { Recorder, contrib } from './recorder'
import { tile } from './tiling'
import type { Body, Node, Value } from './value'

const g = new Recorder()
afterEach(() => g.clear())

function isUsed(value: Value, nodes: readonly Node[]): boolean {
  return nodes.some(({ inputs, attributes }) => {
    const body = attributes?.body as { body: Body } | undefined
    return inputs.includes(value) || (body !== undefined && isUsed(value, body.body.nodes))
  })
}

/** The tiled graph's nodes outside of its bodies, after a check that it computes the same. */
function tiled(outputs: Value[]): string[] {
  const graph = g.collect(outputs)
  const cut = tile(graph, 1)
  expectClose(compute(cut), compute(graph))
  expect(cut.constants.filter((v) => !isUsed(v, cut.nodes))).toEqual([])
  return cut.nodes.map((node) => node.op)
}

const rows = 2048
const wide = (op: string, inputs: Value[], width = 512) => g.emit(op, inputs, [rows, width], 'float32')

describe('tile', () => {
  it('runs a chain of row-wise operations on parts', () => {
    const hidden = g.emit(
      'Gemm',
      [wave(g, [rows, 64], 0), wave(g, [512, 64], 1), wave(g, [512], 2)],
      [rows, 512],
      'float32',
      {
        transB: 1,
      },
    )
    const active = g.emit(
      'Gelu',
      [g.reshape(hidden, [2, rows / 2, 512])],
      [2, rows / 2, 512],
      'float32',
      undefined,
      contrib,
    )
    const y = g.emit('MatMul', [g.reshape(active, [rows, 512]), wave(g, [512, 64], 3)], [rows, 64], 'float32')
    const ops = tiled([y])
    expect(ops.filter((op) => op !== 'Reshape')).toEqual(['Scan'])
  })

  it('hands out what others need, also in another shape', () => {
    const x = wide('Exp', [wave(g, [rows, 512], 0)])
    const y = wide('Mul', [x, g.scalar(0.5)])
    const other = g.emit('Sub', [g.reshape(x, [rows / 2, 1024]), wave(g, [1024], 1)], [rows / 2, 1024], 'float32')
    const z = wide('Tanh', [wide('Neg', [y])])
    expect(tiled([x, other, z])).toContain('Scan')
  })

  it('cuts statistics of rows, attention and layouts', () => {
    const [batch, heads, tokens, width] = [16, 4, 128, 32]
    const joint = wave(g, [batch, tokens, 3 * heads, width], 0)
    const turned = g.emit('Transpose', [joint], [batch, 3 * heads, tokens, width], 'float32', { perm: [0, 2, 1, 3] })
    const part = { shape: [batch, heads, tokens, width], dtype: 'float32' as const }
    const [q, k, v] = g.emitAll('Split', [turned, g.int64s([heads, heads, heads])], [part, part, part], { axis: 1 })
    const square = [batch, heads, tokens, tokens]
    const attributes = { transA: 0, transB: 1, alpha: { float: 0.2 } }
    const scores = g.emit('FusedMatMul', [q!, k!], square, 'float32', attributes, contrib)
    const probabilities = g.emit('Softmax', [scores], square, 'float32', { axis: -1 })
    const mixed = g.emit('MatMul', [probabilities, v!], part.shape, 'float32')
    const sums = g.emit('ReduceSum', [mixed, g.int64s([-1])], [batch, heads, tokens, 1], 'float32', { keepdims: 1 })
    const scaled = g.emit('Div', [mixed, g.emit('Exp', [sums], sums.shape, 'float32')], part.shape, 'float32')
    const table = g.emit('Add', [scaled, wave(g, [1, heads, tokens, width], 2)], part.shape, 'float32')
    const flat = g.reshape(table, [batch * heads * tokens, width])
    const specs = [flat.shape, [flat.shape[0]!, 1], [flat.shape[0]!, 1]]
    const [normal, , inverse] = g.emitAll(
      'LayerNormalization',
      [flat, wave(g, [width], 3), wave(g, [width], 4)],
      specs.map((shape) => ({ shape, dtype: 'float32' as const })),
      { axis: -1, epsilon: { float: 1e-6 } },
    )
    const result = g.emit('Concat', [normal!, flat], [flat.shape[0]!, 2 * width], 'float32', { axis: 1 })
    expect(tiled([result, inverse!]).filter((op) => op !== 'Reshape')).toEqual(['Scan'])
  })

  it('keeps apart what depends on all rows', () => {
    const x = wide('Exp', [wave(g, [rows, 512], 0)])
    const y = wide('Sqrt', [wide('Add', [x, g.scalar(1)])])
    const total = g.emit('ReduceMean', [y], [1, 512], 'float32', { axes: [0], keepdims: 1 })
    const centred = wide('Sub', [y, g.reshape(total, [512])])
    const z = wide('Abs', [wide('Mul', [centred, centred])])
    expect(tiled([z]).filter((op) => op !== 'Reshape')).toEqual(['Scan', 'ReduceMean', 'Scan'])
  })

  it('lets a sum over rows wait for the region that it does not feed', () => {
    const x = wide('Exp', [wave(g, [rows, 512], 0)])
    const total = g.emit('ReduceSum', [x, g.int64s([0])], [1, 512], 'float32', { keepdims: 1 })
    const y = wide('Sqrt', [wide('Add', [x, g.scalar(1)])])
    expect(tiled([y, total]).filter((op) => op !== 'Reshape')).toEqual(['Scan', 'ReduceSum'])
  })

  it('computes in a region what nobody else needs, though it was recorded after the region that it comes from', () => {
    const x = wide('Exp', [wave(g, [rows, 512], 0)])
    const mean = g.emit('ReduceMean', [x], [rows, 1], 'float32', { axes: [1], keepdims: 1 })
    const total = g.emit('ReduceMean', [wide('Tanh', [x])], [1, 512], 'float32', { axes: [0], keepdims: 1 })
    // needs the second region for the first time
    const slope = wide('Mul', [wide('Neg', [wide('Sub', [x, g.reshape(total, [512])])]), g.scalar(2)])
    const narrow = (op: string, inputs: Value[]) => g.emit(op, inputs, [rows, 1], 'float32')
    const weight = narrow('Sqrt', [narrow('Abs', [mean])])
    const outside = (outputs: Value[]) => tiled(outputs).filter((op) => op !== 'Reshape')
    expect(outside([wide('Mul', [slope, weight])])).toEqual(['Exp', 'ReduceMean', 'Tanh', 'ReduceMean', 'Scan'])
    const wanted = narrow('Sqrt', [narrow('Abs', [mean])])
    expect(outside([wide('Mul', [slope, wanted]), wanted])).toEqual(expect.arrayContaining(['Scan', 'Abs', 'Sqrt']))
  })

  it('leaves small tensors alone, and row counts that no number of parts suits', () => {
    const small = g.emit('Neg', [g.emit('Exp', [wave(g, [64, 64], 0)], [64, 64], 'float32')], [64, 64], 'float32')
    expect(tiled([small])).toEqual(['Exp', 'Neg'])
    const shape = [2053, 512]
    const prime = g.emit('Neg', [g.emit('Exp', [wave(g, shape, 0)], shape, 'float32')], shape, 'float32')
    expect(tiled([prime])).toEqual(['Exp', 'Neg'])
  })
})
