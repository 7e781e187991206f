import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** One image of CIFAR: its label (and coarse label), and 3072 bytes, planes of red, green and blue. */
export interface CifarImage {
  readonly label: number
  readonly coarse: number
  readonly planes: Uint8Array
}

/** Images whose every byte can be told from their number. */
export function cifarImages(count: number, classes: number, first = 0): CifarImage[] {
  return Array.from({ length: count }, (_, i) => ({
    label: (first + i) % classes,
    coarse: (first + i) % 20,
    planes: Uint8Array.from({ length: 3072 }, (_, byte) => (byte * 7 + (first + i) * 13) % 256),
  }))
}

const text = (value: string) => Buffer.from(value, 'latin1')
const uint32 = (value: number) => {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32LE(value)
  return bytes
}

/** What the pickle module of Python 2 writes for CIFAR's files, protocol 2, opcode by opcode. */
class Pickler {
  private readonly parts: Buffer[] = [Buffer.from([0x80, 2])]
  private memo = 0

  raw(...parts: (Buffer | string)[]): this {
    this.parts.push(...parts.map((part) => (typeof part === 'string' ? text(part) : part)))
    return this
  }
  put(): this {
    return this.raw(
      this.memo < 256 ? Buffer.from([0x71, this.memo++]) : Buffer.concat([text('r'), uint32(this.memo++)]),
    )
  }
  string(value: string): this {
    return this.raw('U', Buffer.from([value.length]), value).put()
  }
  int(value: number): this {
    return value < 256 ? this.raw('K', Buffer.from([value])) : this.raw('M', Buffer.from([value & 255, value >> 8]))
  }
  list(items: readonly (number | string)[]): this {
    this.raw(']').put()
    if (items.length === 0) return this
    this.raw('(')
    for (const item of items) {
      if (typeof item === 'number') this.int(item)
      else this.string(item)
    }
    return this.raw('e')
  }
  array(rows: number, columns: number, bytes: Uint8Array): this {
    this.raw('cnumpy.core.multiarray\n_reconstruct\n').put().raw('cnumpy\nndarray\n').put()
    this.int(0).raw('\x85').put().string('b').raw('\x87').put().raw('R').put().raw('(').int(1)
    this.int(rows).int(columns).raw('\x86').put()
    this.raw('cnumpy\ndtype\n').put().string('u1').int(0).int(1).raw('\x87').put().raw('R').put()
    this.raw('(').int(3).string('|').raw('NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xff').int(0).raw('t').put().raw('b')
    return this.raw('\x89T', uint32(bytes.length), Buffer.from(bytes)).put().raw('t').put().raw('b')
  }
  /** As Python 3 does: a string of the code points 0 … 255, to be encoded. */
  latin1(bytes: Uint8Array): this {
    const encoded = Buffer.from(Buffer.from(bytes).toString('latin1'), 'utf8')
    this.raw('c_codecs\nencode\n').put().raw('X', uint32(encoded.length), encoded).put()
    return this.raw('X', uint32(6), 'latin1').put().raw('\x86').put().raw('R').put()
  }
  arrayAsText(rows: number, columns: number, bytes: Uint8Array): this {
    this.raw('cnumpy._core.multiarray\n_reconstruct\n').put().raw('cnumpy\nndarray\n').put()
    this.int(0).raw('\x85').put().latin1(text('b')).raw('\x87').put().raw('R').put().raw('(').int(1)
    this.int(rows).int(columns).raw('\x86').put()
    this.raw('cnumpy\ndtype\n').put().string('u1').raw('\x89\x88\x87').put().raw('R').put()
    this.raw('(').int(3).string('|').raw('NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xff').int(0).raw('t').put().raw('b')
    return this.raw('\x89').latin1(bytes).raw('t').put().raw('b')
  }
  dictionary(entries: Record<string, (pickler: this) => unknown>): Buffer {
    this.raw('}').put().raw('(')
    for (const [key, write] of Object.entries(entries)) {
      this.string(key)
      write(this)
    }
    return Buffer.concat([...this.raw('u.').parts])
  }
}

/** A batch file of the python version. */
export function pythonBatch(images: readonly CifarImage[], kind: 'cifar10' | 'cifar100'): Buffer {
  const labels = images.map(({ label }) => label)
  const names = images.map((_, i) => `image_${i}.png`)
  const data = Buffer.concat(images.map(({ planes }) => planes))
  return new Pickler().dictionary({
    batch_label: (p) => p.string('training batch 1 of 5'),
    ...(kind === 'cifar10'
      ? { labels: (p: Pickler) => p.list(labels) }
      : {
          fine_labels: (p: Pickler) => p.list(labels),
          coarse_labels: (p: Pickler) => p.list(images.map(({ coarse }) => coarse)),
        }),
    data: (p) => p.array(images.length, 3072, data),
    filenames: (p) => p.list(names),
  })
}

/** CIFAR-100's batch file pickled anew by Python 3 with protocol 2. */
export function pythonBatchAsText(images: readonly CifarImage[]): Buffer {
  const data = Buffer.concat(images.map(({ planes }) => planes))
  return new Pickler().dictionary({
    fine_labels: (p) => p.list(images.map(({ label }) => label)),
    data: (p) => p.arrayAsText(images.length, 3072, data),
  })
}

/** The meta file of the python version. */
export function pythonMeta(names: readonly string[], kind: 'cifar10' | 'cifar100'): Buffer {
  return new Pickler().dictionary({ [kind === 'cifar10' ? 'label_names' : 'fine_label_names']: (p) => p.list(names) })
}

/** A batch file of the binary version. */
export function binaryBatch(images: readonly CifarImage[], kind: 'cifar10' | 'cifar100'): Buffer {
  return Buffer.concat(
    images.flatMap(({ label, coarse, planes }) => [
      Buffer.from(kind === 'cifar10' ? [label] : [coarse, label]),
      planes,
    ]),
  )
}

/** Writes a whole small CIFAR of either version and returns its images. */
export function writeCifar(folder: string, kind: 'cifar10' | 'cifar100', version: 'python' | 'binary') {
  const classes = kind === 'cifar10' ? 10 : 100
  const trainFiles = kind === 'cifar10' ? [1, 2, 3, 4, 5].map((i) => `data_batch_${i}`) : ['train']
  const perFile = kind === 'cifar10' ? 4 : 300
  const names = Array.from({ length: classes }, (_, c) => `class_${c}`)
  const batch = version === 'python' ? pythonBatch : binaryBatch
  const extension = version === 'python' ? '' : '.bin'
  mkdirSync(folder, { recursive: true })
  const train = trainFiles.flatMap((name, i) => {
    const images = cifarImages(perFile, classes, i * perFile)
    writeFileSync(join(folder, name + extension), batch(images, kind))
    return images
  })
  const test = cifarImages(classes, classes, 5000)
  writeFileSync(join(folder, (kind === 'cifar10' ? 'test_batch' : 'test') + extension), batch(test, kind))
  if (version === 'python')
    writeFileSync(join(folder, kind === 'cifar10' ? 'batches.meta' : 'meta'), pythonMeta(names, kind))
  else
    writeFileSync(
      join(folder, kind === 'cifar10' ? 'batches.meta.txt' : 'fine_label_names.txt'),
      names.join('\n') + '\n\n',
    )
  return { train, test, names }
}
