/** Keeps released buffers for the next tensor of the same byte length, up to a total. */
export class BufferPool {
  private readonly free = new Map<number, ArrayBuffer[]>()
  bytes = 0

  constructor(private readonly limit: number) {}

  /** A buffer of exactly `byteLength` bytes with any content. */
  take(byteLength: number): ArrayBuffer {
    const buffer = this.free.get(byteLength)?.pop()
    if (buffer === undefined) return new ArrayBuffer(byteLength)
    this.bytes -= byteLength
    return buffer
  }

  give(buffer: ArrayBuffer): void {
    if (buffer.byteLength === 0 || buffer.byteLength > this.limit) return
    let list = this.free.get(buffer.byteLength)
    // Sizes in use move to the end, so that what is dropped first was not asked for recently.
    if (list === undefined) list = []
    else this.free.delete(buffer.byteLength)
    this.free.set(buffer.byteLength, list)
    list.push(buffer)
    this.bytes += buffer.byteLength
    while (this.bytes > this.limit) this.dropOldest()
  }

  private dropOldest(): void {
    for (const [byteLength, list] of this.free) {
      if (list.length === 0) {
        this.free.delete(byteLength)
        continue
      }
      list.pop()
      this.bytes -= byteLength
      return
    }
  }
}
