import type { Tensor } from '@tensorflow/tfjs-core'

/** `[2, 3]` */
export const shapeText = (shape: readonly number[]): string => `[${shape.join(', ')}]`

/** The length of a tensor's last axis. */
export const lastAxis = (tensor: Tensor): number => tensor.shape[tensor.rank - 1]!

/** Throws unless `holds`; the message names the operation and every shape involved. */
export function expectShapes(operation: string, holds: boolean, rule: string, tensors: Record<string, Tensor>): void {
  if (holds) return
  const found = Object.entries(tensors).map(([name, tensor]) => `${name} ${shapeText(tensor.shape)}`)
  throw new Error(`${operation}: ${rule}; got ${found.join(', ')}`)
}
