import { constantOfShape, emitAll, recordBody, reshape } from './trace'
import type { Body, Value } from './value'

const bodies = new Map<string, Body>()

/**
 * Sums over parts of a batch, one part after the other, so that what lies between the operations of a part stays in the cache: an ONNX
 * Scan, whose states are the sums.
 *
 * @param name names the computation with all sizes; bodies are recorded once
 * @param operands [batch, ...] each
 * @param parts a divisor of the batch
 * @param shapes of the sums
 * @param add records what adds one part's share: operands [batch / parts, ...] and sums so far to new sums
 */
export function accumulate(
  name: string,
  operands: readonly Value[],
  parts: number,
  shapes: readonly (readonly number[])[],
  add: (part: Value[], sums: Value[]) => Value[],
): Value[] {
  let body = bodies.get(name)
  if (body === undefined) {
    const partShapes = operands.map(({ shape }) => [shape[0]! / parts, ...shape.slice(1)])
    body = recordBody(name, [...shapes, ...partShapes], (inputs) =>
      add(inputs.slice(shapes.length), inputs.slice(0, shapes.length)),
    )
    bodies.set(name, body)
  }
  const stacked = operands.map((v) => reshape(v, [parts, v.shape[0]! / parts, ...v.shape.slice(1)]))
  const zeros = new Map<string, Value>()
  const starts = shapes.map((shape) => {
    const known = zeros.get(shape.join()) ?? constantOfShape(shape, 0, 'float32')
    zeros.set(shape.join(), known)
    return known
  })
  const outputs = shapes.map((shape) => ({ shape, dtype: 'float32' as const }))
  return emitAll('Scan', [...starts, ...stacked], outputs, { num_scan_inputs: operands.length, body: { body } })
}
