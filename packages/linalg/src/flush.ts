import { backend } from '@tensorflow/tfjs-core'

/**
 * Lets an engine that records before it computes start on what it has, so that equal pieces are equal graphs; others have no such
 * verb.
 */
export function flushEngine(): void {
  ;(backend() as { flush?(): void }).flush?.()
}
