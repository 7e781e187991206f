import { memoryBudget } from '../engine/memory-budget'

/** Bytes that a forward pass holds for each byte of an image: measured 20 to 40 for a ViT-B at 224 px and a small ViT at 32. */
const heldPerByte = 32
/** More than so many bytes at once make nothing quicker: products have rows enough. */
const enough = 320 * 2 ** 20
const most = 64

/**
 * Images per forward call that suit their size, a power of two: 64 small ones, 16 at 224 px; fewer where memory is short. All
 * that is needed at once then fits into a sixteenth of the memory budget.
 * @param shape [height, width, channels]
 */
export function forwardBatch(shape: readonly number[]): number {
  const image = 4 * shape.reduce((product, length) => product * length, 1)
  const room = Math.min(enough, memoryBudget() / 16)
  return 2 ** Math.floor(Math.log2(Math.min(most, Math.max(1, room / (heldPerByte * image)))))
}
