import { createHash, randomUUID } from 'node:crypto'
import { closeSync, fstatSync, mkdirSync, openSync, readSync, readdirSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { crc32 } from 'node:zlib'

/** Where a row lies. */
interface Place {
  readonly file: number
  readonly position: number
  readonly bytes: number
}

/** Length of key and row in bytes, and the CRC-32 of both, before each record. */
const headerBytes = 12

/** No key or row is longer; a larger number is a sign of damage. */
const longest = 1 << 24

const folderError = (code: unknown) => code === 'ENOENT' || code === 'ENOTDIR'

/**
 * Rows of features of one extractor, by image: an append-only log per process that wrote any. A record is one write, so that
 * a crash costs no more than the record it cut off.
 */
export class FeatureFile {
  private readonly places = new Map<string, Place>()
  private readonly open: number[] = []
  private readonly folder: string
  private own: { file: number; size: number } | undefined

  /** Reads what earlier processes left; anything damaged counts as absent. */
  constructor(folder: string, id: string) {
    this.folder = join(folder, createHash('sha256').update(id).digest('hex').slice(0, 32))
    for (const name of this.logs()) {
      const file = openSync(join(this.folder, name), 'r')
      this.open.push(file)
      this.index(file)
    }
  }

  read(key: string): Float32Array | undefined {
    const place = this.places.get(key)
    if (!place) return undefined
    const bytes = new Uint8Array(place.bytes)
    readSync(place.file, bytes, 0, place.bytes, place.position)
    return new Float32Array(bytes.buffer)
  }

  append(key: string, row: Float32Array): void {
    this.own ??= this.begin()
    const name = new TextEncoder().encode(key)
    const record = new Uint8Array(headerBytes + name.length + row.byteLength)
    record.set(name, headerBytes)
    record.set(new Uint8Array(row.buffer, row.byteOffset, row.byteLength), headerBytes + name.length)
    const header = new DataView(record.buffer)
    header.setUint32(0, name.length, true)
    header.setUint32(4, row.byteLength, true)
    header.setUint32(8, crc32(record.subarray(headerBytes)), true)
    const { file, size } = this.own
    const written = writeSync(file, record, 0, record.length, size)
    if (written < record.length) throw new Error('the disk is full')
    this.own.size += record.length
    this.places.set(key, { file, position: size + headerBytes + name.length, bytes: row.byteLength })
  }

  close(): void {
    this.open.forEach((file) => closeSync(file))
    this.open.length = 0
    this.places.clear()
    this.own = undefined
  }

  private logs(): string[] {
    try {
      return readdirSync(this.folder).filter((name) => name.endsWith('.rows'))
    } catch (error) {
      if (folderError((error as NodeJS.ErrnoException).code)) return []
      throw error
    }
  }

  private begin() {
    mkdirSync(this.folder, { recursive: true })
    const file = openSync(join(this.folder, `${randomUUID()}.rows`), 'wx+')
    this.open.push(file)
    return { file, size: 0 }
  }

  /** Notes every whole record; stops where lengths make no sense, for no later record can be found then. */
  private index(file: number): void {
    const { size } = fstatSync(file)
    const header = new DataView(new ArrayBuffer(headerBytes))
    for (let position = 0; position + headerBytes <= size;) {
      readSync(file, header, 0, headerBytes, position)
      const [keyBytes, rowBytes] = [header.getUint32(0, true), header.getUint32(4, true)]
      const end = position + headerBytes + keyBytes + rowBytes
      if (keyBytes > longest || rowBytes > longest || rowBytes % 4 !== 0 || end > size) return
      const record = new Uint8Array(keyBytes + rowBytes)
      readSync(file, record, 0, record.length, position + headerBytes)
      if (crc32(record) === header.getUint32(8, true)) {
        const key = new TextDecoder().decode(record.subarray(0, keyBytes))
        this.places.set(key, { file, position: position + headerBytes + keyBytes, bytes: rowBytes })
      }
      position = end
    }
  }
}
