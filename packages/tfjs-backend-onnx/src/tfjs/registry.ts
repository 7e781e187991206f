import {
  type BackendValues,
  type DataId,
  DataStorage,
  type KernelBackend,
  type TensorInfo,
  engine,
} from '@tensorflow/tfjs-core'
import type { Value } from '../graph/value'

/** What a data id stands for. */
export class Entry {
  references = 1
  /** The registry it is in at present. */
  registry: Registry | null = null

  constructor(
    /** Null for strings and complex numbers, which never reach a graph; another one only when elements change their type. */
    public value: Value | null,
    readonly strings: BackendValues | null = null,
    readonly complex: { real: TensorInfo; imag: TensorInfo } | null = null,
  ) {}
}

/**
 * The entries of a backend by data id. Data ids of our making are the entries themselves: tfjs' own storage keeps every
 * tensor in a weak map, which costs the garbage collector more than the rest of recording together. Ids that come from
 * another backend do live in one; it also fetches the data of tensors that are still over there.
 */
export class Registry {
  private readonly foreign: DataStorage<Entry>
  private own = 0

  constructor(backend: KernelBackend) {
    this.foreign = new DataStorage(backend, engine())
  }

  /** Takes an entry in; it is its own data id. */
  add(entry: Entry): DataId {
    entry.registry = this
    this.own++
    return entry
  }

  /** Takes an entry in under the data id of another backend. */
  adopt(dataId: DataId, entry: Entry): void {
    this.foreign.set(dataId, entry)
  }

  has(dataId: DataId): boolean {
    return dataId instanceof Entry && dataId.registry === this ? true : this.foreign.has(dataId)
  }

  get(dataId: DataId): Entry {
    return dataId instanceof Entry && dataId.registry === this ? dataId : this.foreign.get(dataId)
  }

  delete(dataId: DataId): void {
    if (dataId instanceof Entry && dataId.registry === this) {
      dataId.registry = null
      this.own--
    } else this.foreign.delete(dataId)
  }

  get size(): number {
    return this.own + this.foreign.numDataIds()
  }
}
