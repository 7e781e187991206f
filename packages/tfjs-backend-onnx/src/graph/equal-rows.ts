import { operationOf } from './operations'
import type { Value } from './value'

/** Whether all rows of what a node makes are the same, so that a part of it is its beginning. `known` keeps the answers. */
export function hasEqualRows(v: Value, known: Map<Value, boolean>): boolean {
  let answer = known.get(v)
  if (answer === undefined) known.set(v, (answer = makesEqualRows(v, known)))
  return answer
}

function makesEqualRows(v: Value, known: Map<Value, boolean>): boolean {
  const { node } = v
  if (node === null || v.shape.length === 0) return false
  const isSpread = (x: Value) => x.shape.length < v.shape.length || x.shape[0] === 1
  const x = node.inputs[0]!
  if (node.op === 'ConstantOfShape') return true
  if (node.op === 'Expand') return isSpread(x) || hasEqualRows(x, known)
  if (node.op === 'Tile') return x.shape[0] === 1 || (x.shape[0] === v.shape[0] && hasEqualRows(x, known))
  if (node.op === 'Reshape') return x.shape[0] === v.shape[0] && hasEqualRows(x, known)
  const isEqual = (input: Value) => isSpread(input) || hasEqualRows(input, known)
  return operationOf(node).elementwise && node.inputs.every(isEqual)
}
