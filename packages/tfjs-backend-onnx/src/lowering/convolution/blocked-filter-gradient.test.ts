import * as fc from 'fast-check'
import { afterEach, describe, expect, it } from 'vitest'
import { Recorder, nchwc } from '../../graph/recorder'
import { splitBatchAnyhow } from '../../graph/split-batch'
import { channelBlock } from '../../runtime/node/channel-block'
import { compute, expectClose, wave } from '../../testing/compute'
import { convGeometry } from '../../tfjs/kernels/conv'
import { filterGradientInBlocks, groupsOf, rowsOfImage } from './blocked-filter-gradient'
import { filterGradientByTaps } from './taps'

const g = new Recorder()
afterEach(() => g.clear())

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
  return convGeometry([batch, ...images, channels[0]], [...filter, ...channels], {
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
    g.clear()
    const [x, dy] = [wave(g, [...c.inShape]), wave(g, [...c.outShape], 1)]
    const blocked = filterGradientInBlocks(g, x, dy, c, block!, groups)
    const convolutions = g.pending.filter(({ op }) => op === 'Conv').length
    const graph = g.collect([blocked, filterGradientByTaps(g, x, dy, c)])
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
    const images = g.emit('Exp', [wave(g, [...c.inShape])], c.inShape, 'float32')
    const gradient = filterGradientInBlocks(
      g,
      images,
      g.emit('Exp', [wave(g, [...c.outShape], 1)], c.outShape, 'float32'),
      c,
      block!,
      4,
    )
    const graph = g.collect([gradient])
    const convolutions = (count: number) =>
      splitBatchAnyhow(graph, count)!.each.nodes.filter(({ op, domain }) => op === 'Conv' && domain === nchwc)
    expect(convolutions(2).map(({ attributes }) => attributes!.group)).toEqual(new Array(9).fill(2))
    expect(convolutions(4).length).toBe(9)
    // one group cannot be divided, whatever its channels
    g.clear()
    const again = g.emit('Exp', [wave(g, [...c.inShape])], c.inShape, 'float32')
    const whole = g.collect([filterGradientInBlocks(g, again, wave(g, [...c.outShape], 1), c, block!, 1)])
    const { each, rest } = splitBatchAnyhow(whole, 2)!
    expect([each, rest!].map(({ nodes }) => nodes.filter(({ op }) => op === 'Conv').length)).toEqual([0, 9])
  })
})
