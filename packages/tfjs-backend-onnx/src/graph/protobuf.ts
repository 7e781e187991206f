const utf8 = new TextEncoder()

/**
 * Writes the protobuf wire format (https://protobuf.dev/programming-guides/encoding): as much of it as ONNX messages need.
 */
export class ProtobufWriter {
  private buffer: Uint8Array
  private position = 0

  constructor(capacity = 256) {
    this.buffer = new Uint8Array(capacity)
  }

  private reserve(bytes: number): void {
    if (this.position + bytes <= this.buffer.length) return
    const larger = new Uint8Array(Math.max(this.buffer.length * 2, this.position + bytes))
    larger.set(this.finish())
    this.buffer = larger
  }

  private varint(value: number): void {
    this.reserve(10)
    if (value < 0) {
      let rest = BigInt.asUintN(64, BigInt(value))
      for (; rest > 127n; rest >>= 7n) this.buffer[this.position++] = Number(rest & 127n) | 128
      this.buffer[this.position++] = Number(rest)
      return
    }
    for (; value > 127; value = Math.floor(value / 128)) this.buffer[this.position++] = (value % 128) | 128
    this.buffer[this.position++] = value
  }

  int(field: number, value: number): this {
    this.varint(field * 8)
    this.varint(value)
    return this
  }

  float(field: number, value: number): this {
    this.varint(field * 8 + 5)
    this.reserve(4)
    new DataView(this.buffer.buffer).setFloat32(this.position, value, true)
    this.position += 4
    return this
  }

  bytes(field: number, value: Uint8Array): this {
    this.varint(field * 8 + 2)
    this.varint(value.length)
    this.reserve(value.length)
    this.buffer.set(value, this.position)
    this.position += value.length
    return this
  }

  string(field: number, value: string): this {
    const start = this.position
    this.varint(field * 8 + 2)
    this.varint(value.length)
    this.reserve(value.length)
    // Names are ASCII, a byte a character: encoding thousands of them one by one would take half of the time of all this.
    for (let i = 0; i < value.length; i++) {
      const code = value.charCodeAt(i)
      if (code > 127) {
        this.position = start
        return this.bytes(field, utf8.encode(value))
      }
      this.buffer[this.position++] = code
    }
    return this
  }

  message(field: number, value: ProtobufWriter): this {
    return this.bytes(field, value.finish())
  }

  finish(): Uint8Array {
    return this.buffer.subarray(0, this.position)
  }
}
