import { elementwise } from './row-wise'
import type { Node, Value } from './value'

/**
 * How a node may compute a share of the batch: equal parts of its operands along the first axis, whose elements lie together in memory.
 */
export interface BatchWise {
  /** Which inputs are shares; of the others everybody needs all. */
  isShare: boolean[]
  /** What the outputs are: shares too, or what has to be added up, or averaged, over the shares. */
  gives: 'share' | 'sum' | 'mean'
  /** Parts that the node computes each on its own, and keeps a count of among its attributes: a share has some of them. */
  groups?: number
  /** The input that names the shape of the output, if there is one. */
  shapeInput?: number
}

/** More of them than `tile` has a use for. */
const elementwiseHere = new Set([
  ...elementwise,
  ...[
    'Pow',
    'Mod',
    'Clip',
    'And',
    'Or',
    'Not',
    'Equal',
    'IsNaN',
    'IsInf',
    'Cast',
    'Identity',
    'Sign',
    'Log',
    'Softplus',
  ],
  ...['Elu', 'Selu', 'PRelu', 'Floor', 'Ceil', 'Round', 'Sin', 'Cos'],
])

const rankOf = (v: Value): number => v.shape.length
const attribute = (node: Node, name: string): number => node.attributes?.[name] as number
const isFirstAxis = (axis: number, v: Value): boolean => axis === 0 || axis === -rankOf(v)

/** Whether an operand of an element-wise operation goes along the output's first axis; null: neither that nor the same for all rows. */
function goesAlong(v: Value, output: Value): boolean | null {
  if (rankOf(v) < rankOf(output) || v.shape[0] === 1) return false
  return v.shape[0] === output.shape[0] ? true : null
}

function elementwiseRule(node: Node): BatchWise | null {
  const along = node.inputs.map((v) => goesAlong(v, node.outputs[0]!))
  return along.includes(null) ? null : { isShare: along as boolean[], gives: 'share' }
}

/** Products of the batch's rows by a matrix, of pairs of matrices, and sums over the batch: rowsᵀ · rows. */
function productRule(node: Node): BatchWise | null {
  const [a, b, c] = node.inputs as [Value, Value, Value | undefined]
  if (rankOf(a) < 2 || rankOf(b) < 2) return null
  const isTurned = (name: string) => attribute(node, name) === 1
  if (rankOf(a) === 2 && rankOf(b) === 2) {
    if (!isTurned('transA')) {
      const along = c === undefined ? [] : [goesAlong(c, node.outputs[0]!)]
      return along.includes(null) ? null : { isShare: [true, false, ...(along as boolean[])], gives: 'share' }
    }
    return c === undefined && !isTurned('transB') ? { isShare: [true, true], gives: 'sum' } : null
  }
  // Matrices of the last two axes; the first axis counts them.
  if (rankOf(a) < 3 || rankOf(a) < rankOf(b)) return null
  const along = goesAlong(b, node.outputs[0]!)
  return along === null || a.shape[0] !== node.outputs[0]!.shape[0] ? null : { isShare: [true, along], gives: 'share' }
}

function reductionRule(node: Node): BatchWise | null {
  const x = node.inputs[0]!
  const axes =
    node.op === 'ReduceSum' ? node.inputs[1]?.constant?.data : (node.attributes?.axes as number[] | undefined)
  if (axes === undefined) return null
  const isShare = node.inputs.map((_, i) => i === 0)
  if (![...axes].some((axis) => isFirstAxis(Number(axis), x))) return { isShare, gives: 'share' }
  if (node.op === 'ReduceSum') return { isShare, gives: 'sum' }
  return node.op === 'ReduceMean' ? { isShare, gives: 'mean' } : null
}

/** What leaves the first axis alone, or whole. */
function firstIsShare(node: Node): BatchWise {
  return { isShare: node.inputs.map((_, i) => i === 0), gives: 'share' }
}

function sliceRule(node: Node): BatchWise | null {
  const [x, , , axes, steps] = node.inputs as [Value, Value, Value, Value, Value | undefined]
  const along = [...(axes.constant?.data ?? [0])].findIndex((axis) => isFirstAxis(Number(axis), x))
  if (along < 0) return firstIsShare(node)
  // As long as before and not backwards: from the first row to the last, and an end past the last means the last.
  const step = steps === undefined ? 1 : Number(steps.constant?.data[along] ?? -1)
  return step === 1 && x.shape[0] === node.outputs[0]!.shape[0] ? firstIsShare(node) : null
}

function padRule(node: Node): BatchWise | null {
  const pads = node.inputs[1]?.constant?.data
  const isPadded = pads === undefined || Number(pads[0]) !== 0 || Number(pads[pads.length / 2]) !== 0
  return isPadded ? null : firstIsShare(node)
}

/** One image, whose channels and their filters lie group by group. */
const groupsRule = (node: Node): BatchWise => ({
  isShare: node.inputs.map(() => true),
  gives: 'share',
  groups: attribute(node, 'group'),
})

/** The rule for a node, or null if it mixes what belongs to different parts of the batch. */
export function batchWise(node: Node): BatchWise | null {
  if (elementwiseHere.has(node.op)) return elementwiseRule(node)
  const x = node.inputs[0]
  if (x === undefined || rankOf(x) === 0) return null
  switch (node.op) {
    case 'MatMul':
    case 'FusedMatMul':
    case 'Gemm':
      return productRule(node)
    case 'ReduceSum':
    case 'ReduceMean':
    case 'ReduceMax':
    case 'ReduceMin':
    case 'ReduceProd':
      return reductionRule(node)
    case 'Softmax':
    case 'LogSoftmax':
    case 'LayerNormalization':
    case 'ArgMax':
    case 'ArgMin':
    case 'Split':
    case 'TopK':
      return isFirstAxis(attribute(node, 'axis'), x) ? null : firstIsShare(node)
    case 'Concat':
      return isFirstAxis(attribute(node, 'axis'), x) ? null : { isShare: node.inputs.map(() => true), gives: 'share' }
    case 'Gather': {
      const isTable = isFirstAxis(attribute(node, 'axis'), x)
      if (isTable && rankOf(node.inputs[1]!) === 0) return null
      return { isShare: [!isTable, isTable], gives: 'share' }
    }
    case 'OneHot':
      return attribute(node, 'axis') === -1 ? firstIsShare(node) : null
    case 'Transpose':
      return (node.attributes!.perm as number[])[0] === 0 ? firstIsShare(node) : null
    case 'Reshape':
      return { ...firstIsShare(node), shapeInput: 1 }
    case 'Expand':
      return rankOf(x) === rankOf(node.outputs[0]!) ? { ...firstIsShare(node), shapeInput: 1 } : null
    case 'Tile':
      return x.shape[0] === node.outputs[0]!.shape[0] ? firstIsShare(node) : null
    case 'Slice':
      return sliceRule(node)
    case 'Pad':
      return padRule(node)
    case 'Conv':
      return x.shape[0] === 1 && attribute(node, 'group') > 1 ? groupsRule(node) : firstIsShare(node)
    case 'ConvTranspose':
    case 'MaxPool':
    case 'AveragePool':
    case 'ReorderInput':
    case 'ReorderOutput':
      return firstIsShare(node)
    default:
      return null
  }
}

/** Whether all rows of what a node makes are the same, so that a share of it is its beginning. `known` keeps the answers. */
export function hasEqualRows(v: Value, known: Map<Value, boolean>): boolean {
  let answer = known.get(v)
  if (answer === undefined) known.set(v, (answer = makesEqualRows(v, known)))
  return answer
}

function makesEqualRows(v: Value, known: Map<Value, boolean>): boolean {
  const { node } = v
  if (node === null || rankOf(v) === 0) return false
  const isSpread = (x: Value) => rankOf(x) < rankOf(v) || x.shape[0] === 1
  const x = node.inputs[0]!
  if (node.op === 'ConstantOfShape') return true
  if (node.op === 'Expand') return isSpread(x) || hasEqualRows(x, known)
  if (node.op === 'Tile') return x.shape[0] === 1 || (x.shape[0] === v.shape[0] && hasEqualRows(x, known))
  if (node.op === 'Reshape') return x.shape[0] === v.shape[0] && hasEqualRows(x, known)
  return elementwiseHere.has(node.op) && node.inputs.every((input) => isSpread(input) || hasEqualRows(input, known))
}
