import type { Storage } from '../graph/storage'
import type { Recorder } from '../graph/recorder'
import type { GraphType, TypedArray } from '../graph/value'

/** So many numbers are kept. */
const limit = 1024

/** The elements of one-element tensors: those of equal numbers are the same, so that a learning rate is uploaded once. */
export class Scalars {
  private readonly known = new Map<string, Storage>()

  /** @param drop called with what is not kept any longer */
  constructor(
    private readonly recorder: Recorder,
    private readonly drop: (storage: Storage) => void,
  ) {}

  of(data: TypedArray, dtype: GraphType): Storage {
    const number = data[0]!
    const key = `${dtype}${Object.is(number, -0) ? '-0' : number}`
    let storage = this.known.get(key)
    if (storage === undefined) {
      storage = this.recorder.newStorage(dtype, 1, data)
      storage.references = 1
      this.known.set(key, storage)
      if (this.known.size > limit) {
        const [oldest, dropped] = this.known.entries().next().value!
        this.known.delete(oldest)
        this.drop(dropped)
      }
    }
    return storage
  }
}
