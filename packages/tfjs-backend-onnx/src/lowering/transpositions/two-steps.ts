import type { Recorder } from '../../graph/recorder'
import type { Value } from '../../graph/value'
import { planesIntoBlocks } from '../convolution/channel-blocks'
import type { Strategy } from '../strategy'
import { type Transposition, permuted } from './permutation'

/** A permutation of axes without those that stay beside each other: the shape, and the permutation, of what is left. */
function merged(shape: readonly number[], permutation: readonly number[]): { shape: number[]; order: number[] } {
  const runs: number[][] = []
  for (const axis of permutation) {
    const last = runs.at(-1)
    if (last?.at(-1) === axis - 1) last.push(axis)
    else runs.push([axis])
  }
  const starts = runs.map((run) => run[0]!).sort((x, y) => x - y)
  const sizes = starts.map((start) => runs.find((run) => run[0] === start)!.reduce((n, axis) => n * shape[axis]!, 1))
  return { shape: sizes, order: runs.map((run) => starts.indexOf(run[0]!)) }
}

/** Below that many elements it does not matter how. */
const manyElements = 2 ** 14

/**
 * Three groups of axes in reverse, as when filters go from torch's order to tfjs': in two steps, one of a matrix, one of whole
 * rows, several times as fast as number by number.
 */
export const twoSteps: Strategy<Value, Transposition> = {
  name: 'two-steps',
  applies(_, { input, permutation }) {
    // most are small, or leave the batch where it is
    if (input.size < manyElements || permutation[0] === 0) return false
    return merged(input.shape, permutation).order.join() === '2,1,0'
  },
  record(g, v, { permutation }, { channelBlock }) {
    const [first, second, third] = merged(v.shape, permutation).shape as [number, number, number]
    const result = permutation.map((p) => v.shape[p]!)
    if (third < first) {
      const turned = turnedMatrix(g, g.reshape(v, [first, second * third]), channelBlock)
      return g.reshape(permuted(g, g.reshape(turned, [second, third, first]), [1, 0, 2]), result)
    }
    const swapped = permuted(g, g.reshape(v, [first, second, third]), [1, 0, 2])
    return g.reshape(turnedMatrix(g, g.reshape(swapped, [second * first, third]), channelBlock), result)
  },
}

/**
 * A matrix transposed. ONNX Runtime may merge two transpositions into the slow one that they were to replace; not so where one of
 * them is done by its reordering of images into blocks, as channels [rows] of pixels [columns].
 */
function turnedMatrix(g: Recorder, v: Value, block: number | null): Value {
  const [rows, columns] = v.shape as [number, number]
  if (block === null || v.dtype !== 'float32' || rows % block !== 0) return permuted(g, v, [1, 0])
  const image = g.reshape(v, [1, rows, 1, columns])
  const blocks = g.reshape(planesIntoBlocks(g, image), [rows / block, columns, block])
  return g.reshape(permuted(g, blocks, [1, 0, 2]), [columns, rows])
}
