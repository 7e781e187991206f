import { variableStore } from '@pilotjs/core/parameters'
import { flushEngine, gradientsOf } from '@pilotjs/core/training'
import type { NamedTensors, NamedVariables } from '@pilotjs/core'
import { add, div, minimum, square, tidy, zerosLike } from '@tensorflow/tfjs-core'
import type { Scalar, Tensor } from '@tensorflow/tfjs-core'

export interface FisherOptions<B extends { dispose(): void }> {
  /** What the information is about. */
  parameters: NamedVariables
  /** They are disposed. */
  batches: AsyncIterable<B>
  /** A batch's mean loss, as it trains. Called inside `tf.tidy` and on the tape. */
  loss(batch: B): Scalar
  /** No entry is larger. Default 1e-4 (CoFiMA's code, and PILOT's). */
  maximum?: number
  /** Sees a batch's gradients, by the parameters' names. Inside `tf.tidy`. */
  observe?(gradients: NamedTensors, batch: number): void
  /** Told the loss of every batch. */
  onLoss?(loss: number, batch: number): void
  signal?: AbortSignal
}

/**
 * Diagonal of the empirical Fisher information: the mean over batches of the squared gradient of a batch's mean loss (CoFiMA,
 * Marouf et al., ECCV 2024, https://arxiv.org/abs/2312.08977; batch by batch as in its code). Parameters that the loss does not
 * depend on have zeros.
 * @returns by the parameters' names; the caller disposes them
 */
export async function diagonalFisher<B extends { dispose(): void }>(options: FisherOptions<B>): Promise<NamedTensors> {
  const { parameters, batches, loss, maximum = 1e-4, signal } = options
  const sums = variableStore()
  let count = 0
  try {
    for (const [name, variable] of Object.entries(parameters)) tidy(() => sums.set(name, zerosLike(variable)))
    for await (const batch of batches) {
      try {
        signal?.throwIfAborted()
        const value = tidy(() => {
          const { loss: own, gradients } = gradientsOf(() => loss(batch), parameters)
          for (const [name, gradient] of Object.entries(gradients))
            sums.set(name, add(sums.get(name), square(gradient)))
          options.observe?.(gradients, count)
          return own
        })
        flushEngine()
        const [number] = await value.data().finally(() => value.dispose())
        options.onLoss?.(number!, count)
        count++
      } finally {
        batch.dispose()
      }
    }
    if (count === 0) throw new Error('Fisher information needs at least one batch: there are no images')
    const finished: Record<string, Tensor> = {}
    for (const [name, sum] of Object.entries(sums.all())) finished[name] = tidy(() => minimum(div(sum, count), maximum))
    flushEngine()
    return finished
  } finally {
    sums.dispose()
  }
}
