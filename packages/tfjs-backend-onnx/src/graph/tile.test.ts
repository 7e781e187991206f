import { afterEach, describe, expect, it } from 'vitest'
import { compute, expectClose, wave } from './graph-testing'
import { collectGraph } from './signature'
import { tile } from './tile'
import { clearPending, contrib, emit, emitAll, int64s, pendingNodes, reshape, scalar } from './trace'
import type { Body, Node, Value } from './value'

afterEach(clearPending)

function isUsed(value: Value, nodes: readonly Node[]): boolean {
  return nodes.some(({ inputs, attributes }) => {
    const body = attributes?.body as { body: Body } | undefined
    return inputs.includes(value) || (body !== undefined && isUsed(value, body.body.nodes))
  })
}

/** The tiled graph's nodes outside of its bodies, after a check that it computes the same. */
function tiled(outputs: Value[]): string[] {
  const graph = collectGraph(pendingNodes(), outputs)
  const cut = tile(graph, 1)
  expectClose(compute(cut), compute(graph))
  expect(cut.constants.filter((v) => !isUsed(v, cut.nodes))).toEqual([])
  return cut.nodes.map((node) => node.op)
}

const rows = 2048
const wide = (op: string, inputs: Value[], width = 512) => emit(op, inputs, [rows, width], 'float32')

describe('tile', () => {
  it('runs a chain of row-wise operations on parts', () => {
    const hidden = emit('Gemm', [wave([rows, 64], 0), wave([512, 64], 1), wave([512], 2)], [rows, 512], 'float32', {
      transB: 1,
    })
    const active = emit(
      'Gelu',
      [reshape(hidden, [2, rows / 2, 512])],
      [2, rows / 2, 512],
      'float32',
      undefined,
      contrib,
    )
    const y = emit('MatMul', [reshape(active, [rows, 512]), wave([512, 64], 3)], [rows, 64], 'float32')
    const ops = tiled([y])
    expect(ops.filter((op) => op !== 'Reshape')).toEqual(['Scan'])
  })

  it('hands out what others need, also in another shape', () => {
    const x = wide('Exp', [wave([rows, 512], 0)])
    const y = wide('Mul', [x, scalar(0.5)])
    const other = emit('Sub', [reshape(x, [rows / 2, 1024]), wave([1024], 1)], [rows / 2, 1024], 'float32')
    const z = wide('Tanh', [wide('Neg', [y])])
    expect(tiled([x, other, z])).toContain('Scan')
  })

  it('cuts statistics of rows, attention and layouts', () => {
    const [batch, heads, tokens, width] = [16, 4, 128, 32]
    const joint = wave([batch, tokens, 3 * heads, width], 0)
    const turned = emit('Transpose', [joint], [batch, 3 * heads, tokens, width], 'float32', { perm: [0, 2, 1, 3] })
    const part = { shape: [batch, heads, tokens, width], dtype: 'float32' as const }
    const [q, k, v] = emitAll('Split', [turned, int64s([heads, heads, heads])], [part, part, part], { axis: 1 })
    const square = [batch, heads, tokens, tokens]
    const attributes = { transA: 0, transB: 1, alpha: { float: 0.2 } }
    const scores = emit('FusedMatMul', [q!, k!], square, 'float32', attributes, contrib)
    const probabilities = emit('Softmax', [scores], square, 'float32', { axis: -1 })
    const mixed = emit('MatMul', [probabilities, v!], part.shape, 'float32')
    const sums = emit('ReduceSum', [mixed, int64s([-1])], [batch, heads, tokens, 1], 'float32', { keepdims: 1 })
    const scaled = emit('Div', [mixed, emit('Exp', [sums], sums.shape, 'float32')], part.shape, 'float32')
    const table = emit('Add', [scaled, wave([1, heads, tokens, width], 2)], part.shape, 'float32')
    const flat = reshape(table, [batch * heads * tokens, width])
    const specs = [flat.shape, [flat.shape[0]!, 1], [flat.shape[0]!, 1]]
    const [normal, , inverse] = emitAll(
      'LayerNormalization',
      [flat, wave([width], 3), wave([width], 4)],
      specs.map((shape) => ({ shape, dtype: 'float32' as const })),
      { axis: -1, epsilon: { float: 1e-6 } },
    )
    const result = emit('Concat', [normal!, flat], [flat.shape[0]!, 2 * width], 'float32', { axis: 1 })
    expect(tiled([result, inverse!]).filter((op) => op !== 'Reshape')).toEqual(['Scan'])
  })

  it('keeps apart what depends on all rows', () => {
    const x = wide('Exp', [wave([rows, 512], 0)])
    const y = wide('Sqrt', [wide('Add', [x, scalar(1)])])
    const total = emit('ReduceMean', [y], [1, 512], 'float32', { axes: [0], keepdims: 1 })
    const centred = wide('Sub', [y, reshape(total, [512])])
    const z = wide('Abs', [wide('Mul', [centred, centred])])
    expect(tiled([z]).filter((op) => op !== 'Reshape')).toEqual(['Scan', 'ReduceMean', 'Scan'])
  })

  it('lets a sum over rows wait for the region that it does not feed', () => {
    const x = wide('Exp', [wave([rows, 512], 0)])
    const total = emit('ReduceSum', [x, int64s([0])], [1, 512], 'float32', { keepdims: 1 })
    const y = wide('Sqrt', [wide('Add', [x, scalar(1)])])
    expect(tiled([y, total]).filter((op) => op !== 'Reshape')).toEqual(['Scan', 'ReduceSum'])
  })

  it('computes in a region what nobody else needs, though it was recorded after the region that it comes from', () => {
    const x = wide('Exp', [wave([rows, 512], 0)])
    const mean = emit('ReduceMean', [x], [rows, 1], 'float32', { axes: [1], keepdims: 1 })
    const total = emit('ReduceMean', [wide('Tanh', [x])], [1, 512], 'float32', { axes: [0], keepdims: 1 })
    // needs the second region for the first time
    const slope = wide('Mul', [wide('Neg', [wide('Sub', [x, reshape(total, [512])])]), scalar(2)])
    const narrow = (op: string, inputs: Value[]) => emit(op, inputs, [rows, 1], 'float32')
    const weight = narrow('Sqrt', [narrow('Abs', [mean])])
    const outside = (outputs: Value[]) => tiled(outputs).filter((op) => op !== 'Reshape')
    expect(outside([wide('Mul', [slope, weight])])).toEqual(['Exp', 'ReduceMean', 'Tanh', 'ReduceMean', 'Scan'])
    const wanted = narrow('Sqrt', [narrow('Abs', [mean])])
    expect(outside([wide('Mul', [slope, wanted]), wanted])).toEqual(expect.arrayContaining(['Scan', 'Abs', 'Sqrt']))
  })

  it('leaves small tensors alone, and row counts that no number of parts suits', () => {
    const small = emit('Neg', [emit('Exp', [wave([64, 64], 0)], [64, 64], 'float32')], [64, 64], 'float32')
    expect(tiled([small])).toEqual(['Exp', 'Neg'])
    const shape = [2053, 512]
    const prime = emit('Neg', [emit('Exp', [wave(shape, 0)], shape, 'float32')], shape, 'float32')
    expect(tiled([prime])).toEqual(['Exp', 'Neg'])
  })
})
