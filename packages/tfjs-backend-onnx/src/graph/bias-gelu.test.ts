import { afterEach, describe, expect, it } from 'vitest'
import { deviation, wave } from '../testing/compute-graph'
import { fuseBiasGelu } from './bias-gelu'
import { collectGraph } from './signature'
import { clearPending, contrib, emit, pendingNodes, reshape } from './trace'
import type { Value } from './value'

afterEach(clearPending)

const layer = (bias: Value): Value =>
  emit('Gemm', [wave([6, 8], 0), wave([16, 8], 1), bias], [6, 16], 'float32', { transA: 0, transB: 1 })
const gelu = (x: Value): Value => emit('Gelu', [x], x.shape, 'float32', undefined, contrib)

/** The operations of the graph after fusion, once it is shown to compute the same. */
function fused(...outputs: Value[]): string[] {
  const graph = collectGraph(pendingNodes(), outputs)
  const quick = fuseBiasGelu(graph)
  expect(deviation(quick, graph)).toBeLessThan(1e-6)
  return quick.nodes.map(({ op }) => op)
}

describe('fuseBiasGelu', () => {
  it('adds the bias with GELU, through a change of shape too', () => {
    expect(fused(gelu(layer(wave([16], 2))))).toEqual(['FusedMatMul', 'BiasGelu'])
    clearPending()
    expect(fused(gelu(reshape(layer(wave([16], 2)), [2, 3, 16])))).toEqual(['FusedMatMul', 'Reshape', 'BiasGelu'])
  })

  it('leaves a sum that is needed elsewhere', () => {
    const sum = layer(wave([16], 2))
    expect(fused(gelu(sum), sum)).toEqual(['Gemm', 'Gelu'])
    clearPending()
    const other = layer(wave([16], 2))
    expect(fused(emit('Mul', [gelu(other), other], [6, 16], 'float32'))).toEqual(['Gemm', 'Gelu', 'Mul'])
  })

  it('leaves a bias that is a matrix', () => {
    expect(fused(gelu(layer(wave([6, 16], 2))))).toEqual(['Gemm', 'Gelu'])
  })
})
