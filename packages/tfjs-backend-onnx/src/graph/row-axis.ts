import type { Attributes, Node, Value } from './value'
import { sameShape, sizeOf } from './value'

/** How a node may run on a part of the rows of its operands. */
export interface RowAxis {
  /** Which inputs are cut by rows; the others are the same for all. */
  rows: boolean[]
  /** Numbers that the count of parts must divide. */
  leading: number[]
  /** Reshapes: the data stay as they are. */
  isAlias: boolean
  /** The matrix that a product reorders before it starts. */
  packs: Value | null
  inputShape(v: Value, chunks: number): number[]
  outputShape(v: Value, chunks: number): number[]
  attributes(node: Node): Attributes | undefined
}

const leadingOf = (v: Value, kept: number): number => sizeOf(v.shape.slice(0, v.shape.length - kept))
/** A part of a value, all axes but the last `kept` in one. */
const partShape =
  (kept: number) =>
  (v: Value, chunks: number): number[] => [leadingOf(v, kept) / chunks, ...v.shape.slice(v.shape.length - kept)]

function rule(node: Node, rows: boolean[], kept: number, more: Partial<RowAxis> = {}): RowAxis {
  return {
    rows,
    leading: [...node.inputs.filter((_, i) => rows[i]), ...node.outputs].map((v) => leadingOf(v, kept)),
    isAlias: false,
    packs: null,
    inputShape: partShape(kept),
    outputShape: partShape(kept),
    attributes: ({ attributes }) => attributes,
    ...more,
  }
}

/**
 * Operands of the output's shape, or one number a row, are cut; numbers and vectors along the last axis are the same for all
 * parts.
 */
export function rowsOfElements(node: Node): RowAxis | null {
  const output = node.outputs[0]!
  if (output.shape.length < 2) return null
  const perRow = [...output.shape.slice(0, -1), 1]
  const rows: boolean[] = []
  for (const v of node.inputs) {
    if (sameShape(v.shape, output.shape) || sameShape(v.shape, perRow)) rows.push(true)
    else if ((v.size === 1 && v.shape.length <= 1) || (v.shape.length === 1 && v.shape[0] === output.shape.at(-1)))
      rows.push(false)
    else return imagesOfElements(node)
  }
  return rule(node, rows, 1)
}

/** What broadcasts in between keeps its axes; only the first is cut. */
function imagesOfElements(node: Node): RowAxis | null {
  const { shape } = node.outputs[0]!
  const rows = node.inputs.map((v) => v.shape.length === shape.length && v.shape[0] === shape[0])
  const isWhole = node.inputs.every((v, i) => rows[i] || v.shape.length < shape.length || v.shape[0] === 1)
  return isWhole && shape[0]! > 1 && rows.includes(true) ? rule(node, rows, shape.length - 1) : null
}

/** Moves within each part of the first axis. */
export function rowsOfLayout(node: Node): RowAxis | null {
  const rank = node.inputs[0]!.shape.length
  const { perm, axis } = (node.attributes ?? {}) as { perm?: number[]; axis?: number }
  const isWithin = node.op === 'Transpose' ? perm![0] === 0 : axis! > 0
  if (rank < 2 || !isWithin) return null
  const rows = node.op === 'Split' ? [true, false] : node.inputs.map(() => true)
  return rule(node, rows, rank - 1)
}

/** Products of rows by one matrix, and products of many pairs of matrices. */
export function rowsOfProduct(node: Node): RowAxis | null {
  const [a, b, c] = node.inputs as [Value, Value, Value | undefined]
  if (node.outputs[0]!.dtype !== 'float32') return null
  if (a.shape.length === 2 && b.shape.length === 2) {
    if (node.attributes?.transA === 1) return null
    if (c === undefined) return rule(node, [true, false], 1, { packs: b })
    if (c.shape.length === 1) return rule(node, [true, false, false], 1, { packs: b })
    return sameShape(c.shape, node.outputs[0]!.shape) ? rule(node, [true, false, true], 1, { packs: b }) : null
  }
  const rank = a.shape.length
  if (rank >= 3 && b.shape.length === 2 && node.attributes?.transA !== 1)
    return rule(node, [true, false], 1, { packs: b })
  if (rank < 3 || b.shape.length !== rank || !sameShape(a.shape.slice(0, -2), b.shape.slice(0, -2))) return null
  return rule(node, [true, true], 2)
}

const isLastAxis = (axis: number | undefined, v: Value): boolean => axis === -1 || axis === v.shape.length - 1

/** Softmax and means along the last axis. */
export function rowsAlongLastAxis(node: Node): RowAxis | null {
  const x = node.inputs[0]!
  const { attributes } = node
  if (x.shape.length < 2) return null
  if (node.op === 'Softmax') {
    if (!isLastAxis(attributes!.axis as number, x)) return null
    return rule(node, [true], 1, { attributes: () => ({ axis: -1 }) })
  }
  if (node.op === 'LayerNormalization') {
    return isLastAxis(attributes!.axis as number, x) ? rule(node, [true, false, false], 1) : null
  }
  if (attributes!.keepdims !== 1) return null
  if (node.op === 'ReduceSum') {
    const axes = node.inputs[1]!.constant?.data
    // Parts have another rank: only an axis counted from the end stays what it is.
    return axes?.length === 1 && Number(axes[0]) === -1 ? rule(node, [true, false], 1) : null
  }
  if (node.op === 'ReduceMean' || node.op === 'ReduceMax') {
    const axes = attributes!.axes as number[]
    if (axes.length !== 1 || !isLastAxis(axes[0], x)) return null
    return rule(node, [true], 1, { attributes: () => ({ axes: [-1], keepdims: 1 }) })
  }
  return null
}

/** Bytes of floats, for products in eight bits; elsewhere a change of type is whole. */
export const rowsOfBytes = (node: Node): RowAxis | null =>
  node.outputs[0]!.dtype === 'uint8' ? rowsOfElements(node) : null

/** Rows in eight bits, each with a scale and a zero of its own. */
export function rowsOfQuantization(node: Node): RowAxis | null {
  if (node.inputs[0]!.shape.length !== 2 || node.attributes?.axis !== 0) return null
  const shape = (v: Value, chunks: number) => [v.shape[0]! / chunks, ...v.shape.slice(1)]
  return rule(node, [true, true, true], 1, {
    leading: node.inputs.map((v) => v.shape[0]!),
    inputShape: shape,
    outputShape: shape,
  })
}

/** Rows in eight bits by a matrix. */
export const rowsOfIntegerProduct = (node: Node): RowAxis =>
  rule(node, [true, false, false, false, false], 1, { packs: node.inputs[1]! })

/** Reshapes: the data stay as they are, whatever the shape. */
export const rowsOfReshape = (node: Node): RowAxis =>
  rule(node, [true, false], 0, { isAlias: true, leading: [node.outputs[0]!.size] })
