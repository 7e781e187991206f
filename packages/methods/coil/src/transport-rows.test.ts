import { readFileSync } from 'node:fs'
import { memory, tensor2d, tidy } from '@tensorflow/tfjs-core'
import { describe, expect, it } from 'vitest'
import { transportRows } from './transport-rows'

interface Recorded {
  from: number[][]
  to: number[][]
  rows: number[][]
  /** Scaled to the mean length of the rows. */
  moved: number[][]
}
const recorded = JSON.parse(
  readFileSync(new URL('./__fixtures__/recorded-transport.json', import.meta.url), 'utf8'),
) as Recorded[]

const options = { regularization: 0.464, power: 3 }
const unit = (row: number[]) => row.map((value) => value / Math.hypot(...row))

async function moved(from: number[][], to: number[][], rows: number[][], eachMass?: number): Promise<number[][]> {
  const tensors = [from, to, rows].map((values) => tensor2d(values))
  const result = await transportRows(tensors[0]!, tensors[1]!, tensors[2]!, {
    ...options,
    ...(eachMass && { eachMass }),
  })
  const values = await result.array()
  tidy(() => [...tensors, result].forEach((tensor) => tensor.dispose()))
  return values
}

describe('transportRows', () => {
  it.each(recorded.map((one) => [one.from.length, one.to.length, one] as const))(
    'gives the rows that PILOT carries from %i classes to %i',
    async (known, _, { from, to, rows, moved: expected }) => {
      const found = await moved(from, to, rows, known)
      found.forEach((row, i) => {
        unit(row).forEach((value, k) => expect(value).toBeCloseTo(unit(expected[i]!)[k]!, 5))
      })
    },
  )

  it('gives a class the row of the one that lies nearest', async () => {
    const before = memory().numTensors
    const axes = [
      [1, 0, 0],
      [0, 1, 0],
    ]
    const rows = [
      [0, 0, 2],
      [0, 3, 0],
    ]
    const [first, second] = await moved(axes, [axes[1]!, axes[0]!], rows)
    expect(unit(first!)[1]).toBeGreaterThan(0.9)
    expect(unit(second!)[2]).toBeGreaterThan(0.9)
    expect(memory().numTensors).toBe(before)
  })

  it('shares the mass evenly on both sides, however many classes stand there', async () => {
    const three = [
      [1, 0],
      [0, 1],
      [1, 1],
    ]
    const [only] = await moved(three, [[1, 0]], three)
    // All of the mass goes to the one class: a third of each unit row.
    expect(only![0]).toBeCloseTo((1 + Math.SQRT1_2) / 3, 6)
    expect(only![1]).toBeCloseTo((1 + Math.SQRT1_2) / 3, 6)
  })
})
