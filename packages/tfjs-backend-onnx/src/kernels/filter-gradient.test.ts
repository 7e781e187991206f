import * as fc from 'fast-check'
import { afterEach, describe, expect, it } from 'vitest'
import { channelBlock } from '../device/channel-block'
import { compute, expectClose, wave } from '../graph/graph-testing'
import { shareAnyhow } from '../graph/share'
import { collectGraph } from '../graph/signature'
import { clearPending, emit, nchwc, pendingNodes } from '../graph/trace'
import { convInfo } from './conv-info'
import { filterGradientByTaps } from './conv-taps'
import { filterGradientInBlocks, groupsOf, rowsOfImage } from './filter-gradient'

afterEach(clearPending)

const block = channelBlock(['cpu'])

type Size = [number, number]
interface Geometry {
  batch: number
  images: Size
  channels: Size
  filter: Size
  strides: Size
  dilations: Size
  /** Top, bottom, left, right. */
  pads: [number, number, number, number]
}

function convolution({ batch, images, channels, filter, strides, dilations, pads }: Geometry) {
  const [top, bottom, left, right] = pads
  return convInfo([batch, ...images, channels[0]], [...filter, ...channels], {
    strides,
    dilations,
    pad: [
      [0, 0],
      [top, bottom],
      [left, right],
      [0, 0],
    ],
  })
}

const plain: Geometry = {
  batch: 4,
  images: [8, 8],
  channels: [32, 16],
  filter: [3, 3],
  strides: [1, 1],
  dilations: [1, 1],
  pads: [1, 1, 1, 1],
}

const size = (from: number, to: number) =>
  fc.tuple(fc.integer({ min: from, max: to }), fc.integer({ min: from, max: to }))
const geometries: fc.Arbitrary<Geometry> = fc.record({
  batch: fc.constantFrom(1, 2, 4),
  images: size(3, 18),
  channels: fc.tuple(fc.constantFrom(16, 32), fc.integer({ min: 1, max: 20 })),
  filter: size(1, 4),
  strides: size(1, 3),
  dilations: size(1, 2),
  pads: fc.tuple(...[0, 0, 0, 0].map(() => fc.integer({ min: 0, max: 4 }))) as fc.Arbitrary<Geometry['pads']>,
})

describe.skipIf(block === null)('the gradient by a filter on blocks of channels', () => {
  /** Compares both ways, where the rows of so many groups fill blocks; how many convolutions it took. */
  function compareWithTaps(geometry: Geometry, groups: number) {
    const c = convolution(geometry)
    fc.pre(c.outHeight > 0 && c.outWidth > 0)
    fc.pre(c.batchSize % groups === 0 && ((c.batchSize / groups) * rowsOfImage(c)) % Number(block) === 0)
    clearPending()
    const [x, dy] = [wave([...c.inShape]), wave([...c.outShape], 1)]
    const blocked = filterGradientInBlocks(x, dy, c, block!, groups)
    const convolutions = pendingNodes().filter(({ op }) => op === 'Conv').length
    const graph = collectGraph(pendingNodes(), [blocked, filterGradientByTaps(x, dy, c)])
    const [actual, expected] = compute(graph)
    // Sums of up to a few thousand products.
    expectClose([actual!.map((v) => v / 100)], [expected!.map((v) => v / 100)])
    return convolutions
  }

  it('is the one by taps, whatever the geometry', () => {
    fc.assert(
      fc.property(geometries, fc.constantFrom(1, 2, 4), (geometry, groups) => {
        compareWithTaps(geometry, groups)
      }),
      { numRuns: 60 },
    )
  })

  it('has all rows of a column at once where images are as wide as blocks', () => {
    const heights = fc
      .tuple(fc.integer({ min: 1, max: 4 }), fc.integer({ min: 1, max: 2 }))
      .chain(([size, dilation]) => {
        const upToReach = fc.integer({ min: 0, max: (size - 1) * dilation })
        return fc.tuple(fc.constant(size), fc.constant(dilation), upToReach, upToReach)
      })
    fc.assert(
      fc.property(geometries, heights, heights, fc.constantFrom(1, 2), (any, rows, columns, blocks) => {
        const [filter, dilations] = [0, 1].map((i): Size => [rows[i]!, columns[i]!]) as [Size, Size]
        const pads: Geometry['pads'] = [rows[2], rows[3], columns[2], columns[3]]
        const width = blocks * Number(block) + (filter[1] - 1) * dilations[1] - pads[2] - pads[3]
        const images: Size = [any.images[0] + 4, width]
        const geometry: Geometry = { ...any, images, filter, dilations, pads, strides: [1, 1] }
        expect(compareWithTaps(geometry, any.batch)).toBe(filter[1])
      }),
      { numRuns: 60 },
    )
  })

  it('is summed in as many groups of images as have rows enough', () => {
    const groups = (change: Partial<Geometry>) => groupsOf(convolution({ ...plain, ...change }), 16)
    expect(groups({ channels: [16, 16] })).toBe(4)
    expect(groups({})).toBe(2)
    expect(groups({ channels: [16, 64] })).toBe(1)
    // half as many rows will do for a single group, of which there is nothing to add up
    expect(groups({ channels: [16, 128] })).toBe(1)
    expect(groups({ channels: [16, 129] })).toBeNull()
    // neither the channels nor the rows fill blocks
    expect(groups({ channels: [24, 16] })).toBeNull()
    expect(groups({ batch: 1, images: [9, 9] })).toBeNull()
    expect(groups({ batch: 16, images: [9, 9], channels: [16, 16] })).toBe(1)
  })

  it('is shared among threads group by group', () => {
    const c = convolution(plain)
    const images = emit('Exp', [wave([...c.inShape])], c.inShape, 'float32')
    const gradient = filterGradientInBlocks(
      images,
      emit('Exp', [wave([...c.outShape], 1)], c.outShape, 'float32'),
      c,
      block!,
      4,
    )
    const graph = collectGraph(pendingNodes(), [gradient])
    const convolutions = (count: number) =>
      shareAnyhow(graph, count)!.each.nodes.filter(({ op, domain }) => op === 'Conv' && domain === nchwc)
    expect(convolutions(2).map(({ attributes }) => attributes!.group)).toEqual(new Array(9).fill(2))
    expect(convolutions(4).length).toBe(9)
    // one group cannot be divided, whatever its channels
    clearPending()
    const again = emit('Exp', [wave([...c.inShape])], c.inShape, 'float32')
    const whole = collectGraph(pendingNodes(), [filterGradientInBlocks(again, wave([...c.outShape], 1), c, block!, 1)])
    const { each, rest } = shareAnyhow(whole, 2)!
    expect([each, rest!].map(({ nodes }) => nodes.filter(({ op }) => op === 'Conv').length)).toEqual([0, 9])
  })
})
