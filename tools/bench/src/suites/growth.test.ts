import { selectEngine } from '@pilotjs/core/node'
import { beforeAll, describe, expect, it } from 'vitest'
import { growthChart } from '../growth-chart'
import { frozenGrowth, growingGrowth, growthRow, smallVit } from './growth'

beforeAll(async () => {
  await selectEngine('onnx')
})

const { width, depth } = smallVit
const classes = 2
const shape = { tasks: 3, classesPerTask: classes, imagesPerClass: 6 }
/** Of a transformer's block: two norms, attention, MLP. */
const block = 2 * 2 * width + (4 * width * width + 4 * width) + (8 * width * width + 5 * width)
/** Weights of the whole network: blocks, the projection of patches, a class token, positions, the last norm. */
const network = depth * block + (3 * 64 * width + width) + width + 17 * width + 2 * width
const adapter = depth * (2 * 16 * width + 16 + width)

describe('methods that grow', () => {
  it.each([
    ['der', 'nets', network],
    ['memo', 'ends', block + 2 * width],
    ['ease', 'nets', adapter],
    ['mos', 'kept', adapter],
  ])('%s adds to its %s what its paper adds, every task', async (name, part, added) => {
    const [growth] = await growingGrowth(shape, [name])
    expect(Object.keys(growth!.tasks[0]!.numbers)).toContain(part)
    const kept = growth!.tasks.map(({ numbers }) => numbers[part]!)
    expect(kept).toEqual([1, 2, 3].map((tasks) => tasks * added))
  })
})

describe('methods that train nothing', () => {
  it('keep a mean a class, a covariance a class, the features themselves, or sums of one size', async () => {
    const found = await frozenGrowth(shape)
    const addedBy = Object.fromEntries(
      found.map(({ name, tasks }) => {
        const totals = tasks.map(({ numbers }) => Object.values(numbers).reduce((sum, count) => sum + count, 0))
        return [name, totals.slice(1).map((total, i) => total - totals[i]!)]
      }),
    )
    const twice = (count: number) => [count, count]
    expect(addedBy.simplecil).toEqual(twice(classes * 192))
    expect(addedBy.knn).toEqual(twice(classes * 6 * 192))
    expect(addedBy.fecam).toEqual(twice(classes * (192 + 192 * 192)))
    expect(addedBy.ranpac!.every((added) => added <= 2 * classes * 501)).toBe(true)
    const rows = found.map(growthRow)
    expect(rows.map(({ tasks }) => tasks)).toEqual([3, 3, 3, 3])
    const picture = growthChart('three tasks', found)
    for (const { name } of found) expect(picture).toContain(name)
  })
})
