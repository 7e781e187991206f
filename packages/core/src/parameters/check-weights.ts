import type { NamedTensors } from '../contracts/tensors'
import { shapeText } from '../ops/shapes'

const few = (lines: string[]) =>
  lines.length <= 5 ? lines.join('; ') : `${lines.slice(0, 5).join('; ')}; and ${lines.length - 5} more`

/**
 * Throws one readable error if `tensors` are not exactly the weights that an architecture wants.
 * @param subject what the weights are for, to begin the message with
 * @param expected name → shape
 */
export function checkWeights(
  subject: string,
  tensors: NamedTensors,
  expected: Record<string, readonly number[]>,
): void {
  const missing: string[] = []
  const misshapen: string[] = []
  for (const [name, shape] of Object.entries(expected)) {
    const tensor = tensors[name]
    if (!tensor) missing.push(`${name} ${shapeText(shape)}`)
    else if (shapeText(tensor.shape) !== shapeText(shape)) {
      misshapen.push(`${name} is ${shapeText(tensor.shape)}, not ${shapeText(shape)}`)
    }
  }
  const unknown = Object.entries(tensors)
    .filter(([name]) => !(name in expected))
    .map(([name, tensor]) => `${name} ${shapeText(tensor.shape)}`)
  const problems = [
    missing.length > 0 && `missing: ${few(missing)}`,
    misshapen.length > 0 && `wrong shape: ${few(misshapen)}`,
    unknown.length > 0 && `unknown: ${few(unknown)}`,
  ].filter(Boolean)
  if (problems.length === 0) return
  throw new Error(
    `${subject}: the weights do not fit the architecture. ${problems.join('. ')}. ` +
      'Check that the file belongs to this model and that sizes and options of its config are right.',
  )
}
