import type { Tensor2D, Tensor4D } from '@tensorflow/tfjs-core'
import { untaped } from '../ops/detach'
import type { Head } from '../heads/head'
import type { Network } from './network'

/** A network with its head as they were once: what later training distils from. */
export interface Teacher {
  /** Scores of the classes that were known then, as constants: [batch, height, width, 3] → [batch, classes]. */
  score(images: Tensor4D): Tensor2D
  dispose(): void
}

/**
 * Copies a network and its head as they are now.
 * @param blank a new head of the same kind, which takes over what `head` holds; the teacher disposes it
 */
export function teacherOf(net: Network, head: Head, blank: Head): Teacher {
  const known = net.copy()
  blank.copyFrom(head)
  return {
    score: (images) => untaped(() => blank.apply(known.features(images))),
    dispose() {
      known.dispose()
      blank.dispose()
    },
  }
}
