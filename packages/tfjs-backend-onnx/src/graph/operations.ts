import * as batch from './batch-axis'
import { costOfConvolution, costOfIntegerProduct, costOfNothing, costOfPasses, costOfProduct } from './cost'
import * as rows from './row-axis'
import type { Node } from './value'

/** What the passes over a graph know of an operation. */
export interface Operation {
  /** Whether every element of the result is made of the operands' elements in the same place. */
  elementwise: boolean
  /** How it runs on a few rows of its operands, for `tile`; null where the rows depend on each other. */
  rowAxis(node: Node): rows.RowAxis | null
  /** How it runs on a part of the batch, for `splitBatch`; null where it mixes what belongs to different parts. */
  batchAxis(node: Node): batch.BatchAxis | null
  /** Estimated nanoseconds on one thread. */
  cost(node: Node): number
}

/** What is not in the table: it runs whole. */
const unknown: Operation = { elementwise: false, rowAxis: () => null, batchAxis: () => null, cost: costOfPasses }

/** Operations of an entry. */
const all = (names: string, operation: Partial<Operation>): [string, Operation][] =>
  names.split(' ').map((name) => [name, { ...unknown, ...operation }])

const elements: Partial<Operation> = { elementwise: true, batchAxis: batch.batchOfElements }
const product = { rowAxis: rows.rowsOfProduct, batchAxis: batch.batchOfProduct, cost: costOfProduct }
const images = { batchAxis: batch.firstIsPart }

/**
 * Everything that passes know of operations, by ONNX' name (https://onnx.ai/onnx/operators). To teach them a new one, add a line.
 */
const operations: ReadonlyMap<string, Operation> = new Map([
  ...all('Add Sub Mul Div Max Min Where LessOrEqual Less Greater GreaterOrEqual Erf Exp HardSigmoid Gelu Relu', {
    ...elements,
    rowAxis: rows.rowsOfElements,
  }),
  ...all('LeakyRelu Sigmoid Tanh Sqrt Reciprocal Neg Abs', { ...elements, rowAxis: rows.rowsOfElements }),
  // These hardly ever stand in chains on wide tensors.
  ...all('Cast', { ...elements, rowAxis: rows.rowsOfBytes }),
  ...all('QuantizeLinear', { rowAxis: rows.rowsOfQuantization, batchAxis: batch.batchOfQuantization }),
  ...all('MatMulIntegerToFloat', { ...images, rowAxis: rows.rowsOfIntegerProduct, cost: costOfIntegerProduct }),
  ...all('Pow Mod Clip And Or Not Equal IsNaN IsInf Identity Sign Log Softplus Elu Selu PRelu', elements),
  ...all('Floor Ceil Round Sin Cos', elements),
  ...all('MatMul FusedMatMul Gemm', product),
  ...all('ReduceSum ReduceMean ReduceMax', { rowAxis: rows.rowsAlongLastAxis, batchAxis: batch.batchOfReduction }),
  ...all('ReduceMin ReduceProd', { batchAxis: batch.batchOfReduction }),
  ...all('Softmax LayerNormalization', { rowAxis: rows.rowsAlongLastAxis, batchAxis: batch.batchBesideAxis }),
  ...all('LogSoftmax ArgMax ArgMin TopK', { batchAxis: batch.batchBesideAxis }),
  ...all('Split', { rowAxis: rows.rowsOfLayout, batchAxis: batch.batchBesideAxis }),
  ...all('Concat', { rowAxis: rows.rowsOfLayout, batchAxis: batch.batchOfConcat }),
  ...all('Transpose', { rowAxis: rows.rowsOfLayout, batchAxis: batch.batchOfTranspose }),
  ...all('Reshape', { rowAxis: rows.rowsOfReshape, batchAxis: batch.batchOfReshape, cost: costOfNothing }),
  ...all('Expand', { batchAxis: batch.batchOfExpand }),
  ...all('Tile', { batchAxis: batch.batchOfTile }),
  ...all('Slice', { batchAxis: batch.batchOfSlice }),
  ...all('Pad', { batchAxis: batch.batchOfPad }),
  ...all('Gather', { batchAxis: batch.batchOfGather }),
  ...all('OneHot', { batchAxis: batch.batchOfOneHot }),
  ...all('Conv', { batchAxis: batch.batchOfConvolution, cost: costOfConvolution }),
  ...all('ConvTranspose', { ...images, cost: costOfConvolution }),
  ...all('MaxPool AveragePool ReorderInput ReorderOutput', images),
])

export const operationOf = ({ op }: Node): Operation => operations.get(op) ?? unknown

/** How a node runs on a few rows, or null. */
export const rowAxisOf = (node: Node): rows.RowAxis | null => operationOf(node).rowAxis(node)

/** How a node runs on a part of the batch, or null; what has no operands, or a single number, has no batch. */
export function batchAxisOf(node: Node): batch.BatchAxis | null {
  const operation = operationOf(node)
  const first = node.inputs[0]
  if (!operation.elementwise && (first === undefined || first.shape.length === 0)) return null
  return operation.batchAxis(node)
}

/** Estimated nanoseconds of a node on one thread. */
export const costOf = (node: Node): number => operationOf(node).cost(node)
