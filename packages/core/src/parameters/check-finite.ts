import type { NamedTensors } from '../contracts/tensors'

/**
 * Throws one readable error if a floating-point tensor holds a number that is not finite: such weights make every score NaN, and
 * a learner that trains nothing has no loss in which that would show.
 * @param subject what the tensors are for, to begin the message with
 */
export async function checkFinite(subject: string, tensors: NamedTensors): Promise<void> {
  for (const [name, tensor] of Object.entries(tensors)) {
    if (tensor.dtype !== 'float32') continue
    const values = await tensor.data()
    let wrong = 0
    // a plain loop: ViT-B has 86 million
    while (wrong < values.length && Number.isFinite(values[wrong])) wrong++
    if (wrong < values.length)
      throw new Error(
        `${subject}: weight ${name} holds ${values[wrong]} at position ${wrong}: the file is damaged, or its training diverged; use another`,
      )
  }
}
