/** Released buffers of one byte length. */
interface Shelf {
  readonly buffers: ArrayBuffer[]
  /** When one was last taken or given back. */
  used: number
}

/** Takes and gives that a size is kept for although nobody asks for it. */
const patience = 16

/**
 * Keeps released buffers for the next tensor of the same byte length, up to a total. Where other sizes come than before, as with
 * classes that grow from task to task, they take the place of those that nobody has asked for of late.
 */
export class BufferPool {
  /** By byte length; the one in use last comes last. */
  private readonly free = new Map<number, Shelf>()
  private clock = 0
  bytes = 0

  constructor(private readonly limit: number) {}

  /** A buffer of exactly `byteLength` bytes with any content. */
  take(byteLength: number): ArrayBuffer {
    const buffer = this.shelf(byteLength).buffers.pop()
    if (buffer !== undefined) {
      this.bytes -= byteLength
      return buffer
    }
    this.dropStale(byteLength)
    return new ArrayBuffer(byteLength)
  }

  give(buffer: ArrayBuffer): void {
    if (buffer.byteLength === 0 || buffer.byteLength > this.limit) return
    this.shelf(buffer.byteLength).buffers.push(buffer)
    this.bytes += buffer.byteLength
    for (const [byteLength, shelf] of this.free) {
      while (this.bytes > this.limit && this.drop(byteLength, shelf));
      if (this.bytes <= this.limit) break
    }
  }

  /** The shelf of a size that is in use now. */
  private shelf(byteLength: number): Shelf {
    const shelf = this.free.get(byteLength) ?? { buffers: [], used: 0 }
    this.free.delete(byteLength)
    this.free.set(byteLength, shelf)
    shelf.used = ++this.clock
    return shelf
  }

  /** Drops up to so many bytes of sizes that nobody has asked for of late. */
  private dropStale(bytes: number): void {
    const least = this.bytes - bytes
    for (const [byteLength, shelf] of this.free) {
      if (this.clock - shelf.used <= patience) return
      while (this.bytes > least && this.drop(byteLength, shelf));
      if (this.bytes <= least) return
    }
  }

  /** Drops a buffer of a shelf; an empty one goes itself, and there is none. */
  private drop(byteLength: number, { buffers }: Shelf): boolean {
    if (buffers.pop() !== undefined) {
      this.bytes -= byteLength
      return true
    }
    this.free.delete(byteLength)
    return false
  }
}
