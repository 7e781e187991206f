import { afterEach, describe, expect, it } from 'vitest'
import { matmul } from '../lowering/products/plain'
import { compute, wave } from '../testing/compute'
import { Recorder } from './recorder'
import { turnProducts } from './turned-products'
import type { Value } from './value'

const g = new Recorder()
afterEach(() => g.clear())

const rows = 96
/** The operations once products are turned, after a check that every bit stays. */
function turned(outputs: Value[]): string[] {
  const graph = g.collect(outputs)
  const changed = turnProducts(graph)
  expect(compute(changed)).toEqual(compute(graph))
  return changed.nodes.map(({ op }) => op)
}

describe('turnProducts', () => {
  it('transposes what a wide product would take apart again and again, once for all products of it', () => {
    const dy = g.emit('Neg', [wave(g, [rows, 64], 0)], [rows, 64], 'float32')
    const products = [1, 2].map((phase) => matmul(g, dy, wave(g, [rows, 256], phase), { transposeA: true, alpha: 0.5 }))
    const ops = turned(products)
    expect(ops.filter((op) => op === 'Transpose')).toHaveLength(1)
    expect(ops.filter((op) => op === 'FusedMatMul')).toHaveLength(2)
  })

  it('leaves narrow products, pairs of matrices and turned second operands alone', () => {
    const dy = wave(g, [rows, 64], 0)
    const narrow = matmul(g, wave(g, [rows, 320], 5), wave(g, [rows, 128], 1), { transposeA: true })
    const pairs = matmul(g, wave(g, [2, rows, 64], 2), wave(g, [2, rows, 256], 3), { transposeA: true })
    const both = matmul(g, dy, wave(g, [256, rows], 4), { transposeA: true, transposeB: true })
    expect(turned([narrow, pairs, both])).toEqual(['FusedMatMul', 'FusedMatMul', 'FusedMatMul'])
  })
})
