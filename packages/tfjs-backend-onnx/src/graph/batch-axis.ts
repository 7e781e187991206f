import type { Node, Value } from './value'

/**
 * How a node may compute its part of the batch: equal parts of its operands along the first axis, whose elements lie together in
 * memory.
 */
export interface BatchAxis {
  /** Which inputs are parts; of the others everybody needs all. */
  isPart: boolean[]
  /** What the outputs are: parts too, or what has to be added up, or averaged, over the parts. */
  gives: 'part' | 'sum' | 'mean'
  /** Groups that the node computes each on its own, and keeps a count of among its attributes: a part has some of them. */
  groups?: number
  /** The input that names the shape of the output, if there is one. */
  shapeInput?: number
}

const rankOf = (v: Value): number => v.shape.length
const attribute = (node: Node, name: string): number => node.attributes?.[name] as number
const isFirstAxis = (axis: number, v: Value): boolean => axis === 0 || axis === -rankOf(v)

/**
 * Whether an operand of an element-wise operation goes along the output's first axis; null: neither that nor the same for all
 * rows.
 */
function goesAlong(v: Value, output: Value): boolean | null {
  if (rankOf(v) < rankOf(output) || v.shape[0] === 1) return false
  return v.shape[0] === output.shape[0] ? true : null
}

export function batchOfElements(node: Node): BatchAxis | null {
  const along = node.inputs.map((v) => goesAlong(v, node.outputs[0]!))
  return along.includes(null) ? null : { isPart: along as boolean[], gives: 'part' }
}

/** Products of the batch's rows by a matrix, of pairs of matrices, and sums over the batch: rowsᵀ · rows. */
export function batchOfProduct(node: Node): BatchAxis | null {
  const [a, b, c] = node.inputs as [Value, Value, Value | undefined]
  if (rankOf(a) < 2 || rankOf(b) < 2) return null
  const isTurned = (name: string) => attribute(node, name) === 1
  if (rankOf(a) === 2 && rankOf(b) === 2) {
    if (!isTurned('transA')) {
      const along = c === undefined ? [] : [goesAlong(c, node.outputs[0]!)]
      return along.includes(null) ? null : { isPart: [true, false, ...(along as boolean[])], gives: 'part' }
    }
    return c === undefined && !isTurned('transB') ? { isPart: [true, true], gives: 'sum' } : null
  }
  // Matrices of the last two axes; the first axis counts them.
  if (rankOf(a) < 3 || rankOf(a) < rankOf(b)) return null
  const along = goesAlong(b, node.outputs[0]!)
  return along === null || a.shape[0] !== node.outputs[0]!.shape[0] ? null : { isPart: [true, along], gives: 'part' }
}

export function batchOfReduction(node: Node): BatchAxis | null {
  const x = node.inputs[0]!
  const axes =
    node.op === 'ReduceSum' ? node.inputs[1]?.constant?.data : (node.attributes?.axes as number[] | undefined)
  if (axes === undefined) return null
  const isPart = node.inputs.map((_, i) => i === 0)
  if (![...axes].some((axis) => isFirstAxis(Number(axis), x))) return { isPart, gives: 'part' }
  if (node.op === 'ReduceSum') return { isPart, gives: 'sum' }
  return node.op === 'ReduceMean' ? { isPart, gives: 'mean' } : null
}

/** What leaves the first axis alone, or whole. */
export function firstIsPart(node: Node): BatchAxis {
  return { isPart: node.inputs.map((_, i) => i === 0), gives: 'part' }
}

/** Rows of which each has a scale and a zero of its own. */
export const batchOfQuantization = (node: Node): BatchAxis | null =>
  attribute(node, 'axis') === 0 ? { isPart: node.inputs.map(() => true), gives: 'part' } : null

export function batchOfSlice(node: Node): BatchAxis | null {
  const [x, , , axes, steps] = node.inputs as [Value, Value, Value, Value, Value | undefined]
  const along = [...(axes.constant?.data ?? [0])].findIndex((axis) => isFirstAxis(Number(axis), x))
  if (along < 0) return firstIsPart(node)
  // As long as before and not backwards: from the first row to the last, and an end past the last means the last.
  const step = steps === undefined ? 1 : Number(steps.constant?.data[along] ?? -1)
  return step === 1 && x.shape[0] === node.outputs[0]!.shape[0] ? firstIsPart(node) : null
}

export function batchOfPad(node: Node): BatchAxis | null {
  const pads = node.inputs[1]?.constant?.data
  const isPadded = pads === undefined || Number(pads[0]) !== 0 || Number(pads[pads.length / 2]) !== 0
  return isPadded ? null : firstIsPart(node)
}

/** One image whose channels and their filters lie group by group, or a batch of images. */
export function batchOfConvolution(node: Node): BatchAxis {
  const group = attribute(node, 'group')
  if (node.inputs[0]!.shape[0] !== 1 || !(group > 1)) return firstIsPart(node)
  return { isPart: node.inputs.map(() => true), gives: 'part', groups: group }
}

/** What works along one axis, if that is not the batch's. */
export const batchBesideAxis = (node: Node): BatchAxis | null =>
  isFirstAxis(attribute(node, 'axis'), node.inputs[0]!) ? null : firstIsPart(node)

export const batchOfConcat = (node: Node): BatchAxis | null =>
  batchBesideAxis(node) && { isPart: node.inputs.map(() => true), gives: 'part' }

/** Of a table everybody needs all; the numbers that are looked up are the batch then. */
export function batchOfGather(node: Node): BatchAxis | null {
  const isTable = isFirstAxis(attribute(node, 'axis'), node.inputs[0]!)
  if (isTable && rankOf(node.inputs[1]!) === 0) return null
  return { isPart: [!isTable, isTable], gives: 'part' }
}

export const batchOfOneHot = (node: Node): BatchAxis | null =>
  attribute(node, 'axis') === -1 ? firstIsPart(node) : null

export const batchOfTranspose = (node: Node): BatchAxis | null =>
  (node.attributes!.perm as number[])[0] === 0 ? firstIsPart(node) : null

export const batchOfReshape = (node: Node): BatchAxis => ({ ...firstIsPart(node), shapeInput: 1 })

export const batchOfExpand = (node: Node): BatchAxis | null =>
  rankOf(node.inputs[0]!) === rankOf(node.outputs[0]!) ? batchOfReshape(node) : null

export const batchOfTile = (node: Node): BatchAxis | null =>
  node.inputs[0]!.shape[0] === node.outputs[0]!.shape[0] ? firstIsPart(node) : null
