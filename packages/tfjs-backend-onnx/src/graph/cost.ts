import { type Node, type Value, sizeOf } from './value'

/**
 * Measured nanoseconds of one thread: a multiplication in a product of floats, in one of whole numbers, an element of anything
 * else, a node, a byte copied.
 */
export const nanoseconds = { multiplication: 0.015, integer: 0.005, element: 0.4, node: 3000, byte: 0.2 }

/** What an operation takes that passes over its results once, in nanoseconds. */
export const costOfPasses = ({ outputs }: Node): number =>
  outputs.reduce((sum, v) => sum + v.size, 0) * nanoseconds.element + nanoseconds.node

export const costOfNothing = (): number => 0

/** Every result is a sum of as many products as the filter has numbers for it. */
export function costOfConvolution(node: Node): number {
  const filter = node.inputs[1]!
  const multiplications = (node.outputs[0]!.size * filter.size) / filter.shape[0]!
  return costOfPasses(node) + multiplications * nanoseconds.multiplication
}

/** Elements that meet in a product of two matrices, for every pair of matrices. */
function multiplicationsOf(node: Node): number {
  const [a, b] = node.inputs as [Value, Value]
  const y = node.outputs[0]!
  // Both operands' elements are multiplied as often as the output has columns or rows: √(a·b·y) multiplications a pair of
  // matrices.
  const matrices = Math.max(1, sizeOf(y.shape.slice(0, -2)))
  const elements = (v: Value) => sizeOf(v.shape.slice(-2))
  return matrices * Math.sqrt(elements(a) * elements(b) * elements(y))
}

export const costOfProduct = (node: Node): number =>
  costOfPasses(node) + multiplicationsOf(node) * nanoseconds.multiplication

/** In eight bits. */
export const costOfIntegerProduct = (node: Node): number =>
  costOfPasses(node) + multiplicationsOf(node) * nanoseconds.integer
