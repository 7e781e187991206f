import type { Batch, LabeledImages } from '../contracts/images'
import type { Rng } from '../random/rng'

export interface EpochBatches {
  stepsPerEpoch: number
  batches(epoch: number): AsyncIterable<Batch>
}

/**
 * Training batches of every epoch, to spread into `train`'s options.
 * @param options.shuffle each epoch's order and augmentations derive from it and the epoch's number; without it, images
 *   come in their own order
 * @param options.dropLast leave out a last batch that is not full
 */
export function epochBatches(
  images: LabeledImages,
  options: { size: number; shuffle?: Rng; dropLast?: boolean },
): EpochBatches {
  const { size, shuffle, dropLast = false } = options
  const count = images.length / size
  return {
    stepsPerEpoch: dropLast ? Math.floor(count) : Math.ceil(count),
    batches: (epoch) =>
      images.batches({
        size,
        dropLast,
        epoch,
        view: 'train',
        ...(shuffle && { shuffle: shuffle.fork('epoch', epoch) }),
      }),
  }
}
