import type { Rng } from '../random/rng'

/** Whether a forward pass is a training step. There is one way to say so: `{ training: rng }`. */
export interface Mode {
  /**
   * Given while training. What only training does (dropout) is drawn from it; batch norm goes by the batch's own statistics and
   * moves its running ones.
   */
  readonly training?: Rng
}
