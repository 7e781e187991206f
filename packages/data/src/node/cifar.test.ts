import { mkdirSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import {
  binaryBatch,
  cifarImages,
  pythonBatch,
  pythonBatchAsText,
  pythonMeta,
  writeCifar,
} from '../__fixtures__/cifar-files'
import { scratch } from '../__fixtures__/scratch'
import type { CifarImage } from '../__fixtures__/cifar-files'
import { cifar, looksLikeCifar } from './cifar'

const kinds = (['cifar10', 'cifar100'] as const).flatMap((kind) =>
  (['python', 'binary'] as const).map((version) => [kind, version] as const),
)

/** Writes the training file as Python 3 writes protocol 2, and reads its first image. */
async function readWith(folder: string, images: readonly CifarImage[]) {
  writeFileSync(join(folder, 'train'), pythonBatchAsText(images))
  const { train } = await cifar(folder)
  expect(train).toHaveLength(images.length)
  return { train: await train.read(0), fingerprint: await train.fingerprint!(0) }
}

describe('cifar', () => {
  it.each(kinds)('reads %s, %s version', async (kind, version) => {
    const folder = scratch()
    const { train, test, names } = writeCifar(folder, kind, version)
    const dataset = await cifar(folder)
    expect([dataset.name, dataset.classNames]).toEqual([kind, names])
    expect([...dataset.train.labels]).toEqual(train.map(({ label }) => label))
    expect([...dataset.test.labels]).toEqual(test.map(({ label }) => label))
    for (const index of [0, 5, train.length - 1]) {
      const image = await dataset.train.read(index)
      const { planes } = train[index]!
      expect([image.width, image.height]).toEqual([32, 32])
      expect([...image.data.subarray(0, 6)]).toEqual([
        planes[0],
        planes[1024],
        planes[2048],
        planes[1],
        planes[1025],
        planes[2049],
      ])
      expect([...image.data.subarray(-3)]).toEqual([planes[1023], planes[2047], planes[3071]])
    }
    expect(dataset.train.key(3)).toBe(`${kind}/train/3`)
    expect(() => dataset.train.read(train.length)).toThrow(`there are ${train.length}`)
    expect(() => dataset.train.read(-1)).toThrow('no image -1')
  })

  it('finds what an archive unpacked one or two folders down, and asks where it is there twice', async () => {
    const folder = scratch()
    writeCifar(join(folder, 'data', 'cifar-10-batches-py'), 'cifar10', 'binary')
    mkdirSync(join(folder, '__MACOSX'))
    expect((await cifar(folder)).classNames).toHaveLength(10)
    writeCifar(join(folder, 'cifar-100-python'), 'cifar10', 'binary')
    await expect(cifar(folder)).rejects.toThrow('holds CIFAR more than once')
  })

  it('reads images that a pickle holds as text', async () => {
    const folder = scratch()
    const { test } = writeCifar(folder, 'cifar100', 'python')
    const { train, fingerprint } = await readWith(folder, test)
    expect([...train.data.subarray(0, 3)]).toEqual([test[0]!.planes[0], test[0]!.planes[1024], test[0]!.planes[2048]])
    expect(fingerprint).toMatch(/^[0-9a-f]{32}$/)
  })

  it('tells CIFAR from a folder of images', () => {
    const folder = scratch()
    expect(looksLikeCifar(folder)).toBe(false)
    writeCifar(folder, 'cifar100', 'python')
    expect(looksLikeCifar(folder)).toBe(true)
  })

  it('names the file that is missing, cut off or of another layout', async () => {
    await expect(cifar(scratch())).rejects.toThrow(/holds neither CIFAR-10 nor CIFAR-100\. Unpack/)
    const folder = scratch()
    writeCifar(folder, 'cifar100', 'python')
    const train = join(folder, 'train')
    const spoil = (content: Uint8Array) => {
      writeFileSync(train, content)
      return cifar(folder)
    }
    await expect(spoil(pythonBatch(cifarImages(9, 100), 'cifar100').subarray(0, 5000))).rejects.toThrow(
      /Can't read .*train: not the pickle of a CIFAR file: byte \d+: the file ends too early\. Unpack the archive again/,
    )
    await expect(spoil(pythonBatch(cifarImages(9, 100), 'cifar10'))).rejects.toThrow('it has no list of labels')
    await expect(
      spoil(pythonBatch([{ label: 200, coarse: 0, planes: new Uint8Array(3072) }], 'cifar100')),
    ).rejects.toThrow('a label is 200; cifar100 has 100 classes')
    await expect(
      spoil(pythonBatch([{ label: 1, coarse: 0, planes: new Uint8Array(3000) }], 'cifar100')),
    ).rejects.toThrow('it has 1 labels for')
    await expect(spoil(pythonMeta(['a'], 'cifar100'))).rejects.toThrow('it has no list of labels')
    writeCifar(folder, 'cifar100', 'python')
    writeFileSync(join(folder, 'meta'), pythonMeta(['a'], 'cifar100'))
    await expect(cifar(folder)).rejects.toThrow('names 1 classes instead of 100')
  })

  it('refuses a binary file that is cut within an image', async () => {
    const folder = scratch()
    writeCifar(folder, 'cifar10', 'binary')
    writeFileSync(join(folder, 'data_batch_2.bin'), binaryBatch(cifarImages(2, 10), 'cifar10').subarray(0, 4000))
    await expect(cifar(folder)).rejects.toThrow(
      /data_batch_2\.bin: its 4000 bytes are no whole number of images of 3073/,
    )
  })

  it('notices a file that shrinks while it is used', async () => {
    const folder = scratch()
    writeCifar(folder, 'cifar10', 'binary')
    const { train } = await cifar(folder)
    truncateSync(join(folder, 'data_batch_1.bin'), 3073)
    expect(() => train.read(3)).toThrow('has become shorter')
  })
})
