import { readFileSync, symlinkSync, truncateSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { plain } from '../__fixtures__/toy'
import { folderOf, jpeg, put, scratch } from '../__fixtures__/scratch'
import { describeReading } from '../dataset/reading-report'
import { domainIncremental } from '../streams/domain-incremental'
import { imageFolder } from './image-folder'
import { workerLoader } from './worker-loader'

describe('imageFolder', () => {
  it('takes classes and images in the order of their names', async () => {
    const root = folderOf(
      'train/b/2.jpg',
      'train/b/10.JPEG',
      'train/a/x/1.jpg',
      'train/a/z.jpg',
      'val/a/1.jpg',
      'val/b/1.jpg',
    )
    put(join(root, 'train/a/notes.txt'), 'not an image')
    put(join(root, 'train/a/.hidden.jpg'), 'nor this')
    const { name, classNames, train, test, domains } = await imageFolder(root, { name: 'pets' })
    expect([name, classNames, domains]).toEqual(['pets', ['a', 'b'], undefined])
    expect(Array.from({ length: train.length }, (_, i) => train.key(i))).toEqual([
      'pets/train/a/z.jpg',
      'pets/train/a/x/1.jpg',
      'pets/train/b/10.JPEG',
      'pets/train/b/2.jpg',
    ])
    expect([...train.labels, ...test.labels]).toEqual([0, 0, 1, 1, 0, 1])
    expect(test.key(0)).toBe('pets/val/a/1.jpg')
    expect(await train.read(0)).toMatchObject({ width: 64, height: 48 })
    expect(() => train.key(4)).toThrow('no image 4, there are 4')
  })

  it('follows links to class folders', async () => {
    const root = folderOf('train/a/1.jpg', 'test/a/1.jpg', 'elsewhere/2.jpg')
    symlinkSync(join(root, 'elsewhere'), join(root, 'train/b'))
    symlinkSync(join(root, 'elsewhere'), join(root, 'test/b'))
    expect((await imageFolder(root)).classNames).toEqual(['a', 'b'])
  })

  it('reads domains from the folders above the splits', async () => {
    const root = folderOf(
      ...['photo', 'sketch'].flatMap((d) => ['train/a', 'train/b', 'test/a', 'test/b'].map((s) => `${d}/${s}/1.jpg`)),
    )
    const dataset = await imageFolder(root)
    expect(dataset.domains).toEqual(['photo', 'sketch'])
    expect([...dataset.train.domains!]).toEqual([0, 0, 1, 1])
    expect(domainIncremental(dataset, { transforms: plain }).test(1).key(0)).toMatch(/sketch\/test\/a\/1\.jpg$/)
  })

  it('says what is wrong with a folder, and where', async () => {
    const lopsided = folderOf('train/a/1.jpg', 'train/b/1.jpg', 'test/a/1.jpg')
    await expect(imageFolder(lopsided)).rejects.toThrow(/test.b holds no images/)
    const stray = folderOf('train/a/1.jpg', 'test/a/1.jpg', 'test/A/1.jpg')
    await expect(imageFolder(stray)).rejects.toThrow(
      /test.A: there is no such class in the training images \(but 'a'\)/,
    )
    await expect(imageFolder(stray)).rejects.toMatchObject({ code: 'class-without-images' })
    const bare = folderOf('train/1.jpg', 'test/a/1.jpg')
    await expect(imageFolder(bare)).rejects.toThrow('has no class folders')
    await expect(imageFolder(folderOf('a/1.jpg', 'b/1.jpg'))).rejects.toMatchObject({ code: 'no-split' })
  })

  it('takes classes whose names differ in the encoding of accents, and keys alike', async () => {
    const root = folderOf('train/Gr\u00f6\u00dfe/a.jpg', 'test/Gro\u0308\u00dfe/o\u0308.jpg')
    const { classNames, test } = await imageFolder(root, { name: 'x' })
    expect(classNames).toEqual(['Gr\u00f6\u00dfe'])
    expect(test.key(0)).toBe('x/test/Gr\u00f6\u00dfe/\u00f6.jpg')
    expect(await test.read(0)).toMatchObject({ width: 64 })
  })

  it('keeps names as they are, whatever a terminal would make of them', async () => {
    const root = folderOf('train/a\u001b[31m/1.jpg', 'test/a\u001b[31m/1.jpg')
    expect((await imageFolder(root)).classNames).toEqual(['a\u001b[31m'])
  })

  it('splits a folder that has no split, the same way every time', async () => {
    const root = folderOf(...['a', 'b'].flatMap((c) => [0, 1, 2, 3, 4].map((i) => `${c}/${i}.jpg`)))
    const options = { name: 'flat', split: { testFraction: 0.4, seed: 3 } }
    const { train, test, reading } = await imageFolder(root, options)
    const keys = ({ length, key }: typeof train) => Array.from({ length }, (_, i) => key(i))
    expect([train.length, test.length, [...test.labels]]).toEqual([6, 4, [0, 0, 1, 1]])
    expect(new Set([...keys(train), ...keys(test)]).size).toBe(10)
    expect(reading).toMatchObject({ classes: 2, train: 6, test: 4, split: { testFraction: 0.4, seed: 3 } })
    const again = await imageFolder(root, options)
    expect(keys(again.test)).toEqual(keys(test))
    await expect(imageFolder(folderOf('train/a/1.jpg', 'test/a/1.jpg'), options)).rejects.toThrow(
      'has images to test with of its own',
    )
    const single = folderOf('a/1.jpg', 'b/1.jpg', 'b/2.jpg')
    await expect(imageFolder(single, options)).rejects.toThrow(/a holds too few images for a split/)
  })

  it('splits domains of class folders, domain by domain', async () => {
    const files = ['Art', 'Clipart'].flatMap((d) =>
      ['a', 'b'].flatMap((c) => [0, 1, 2].map((i) => `${d}/${c}/${i}.jpg`)),
    )
    const { domains, train, test, reading } = await imageFolder(folderOf(...files), { split: { testFraction: 0.3 } })
    expect(domains).toEqual(['Art', 'Clipart'])
    expect([...test.domains!]).toEqual([0, 0, 1, 1])
    expect([...test.labels]).toEqual([0, 1, 0, 1])
    expect(train.length).toBe(8)
    expect(reading).toMatchObject({ classes: 2, domains: 2 })
  })

  it('turns images where it is told to, in threads and here', async () => {
    const turned = new URL('../__fixtures__/turned-6.jpg', import.meta.url)
    const root = scratch()
    for (const split of ['train', 'test']) put(join(root, split, 'a', '1.jpg'), readFileSync(turned))
    expect(await (await imageFolder(root)).train.read(0)).toMatchObject({ width: 24, height: 16 })
    const { train } = await imageFolder(root, { orientation: 'upright' })
    expect(await train.read(0)).toMatchObject({ width: 16, height: 24 })
    expect(await train.fingerprint!(0)).not.toBe(await (await imageFolder(root)).train.fingerprint!(0))
    const loader = workerLoader({ workers: 1 })
    const { signal } = new AbortController()
    expect(await loader.load({ source: train, index: 0, transforms: [], seed: 0, signal })).toEqual(await train.read(0))
    await loader.close()
  })

  it('has the fingerprints from the look at the headers, and looks itself where there was none', async () => {
    const root = folderOf('train/a/1.jpg', 'test/a/1.jpg')
    const [looked, unseen] = await Promise.all([imageFolder(root), imageFolder(root, { check: 'none' })])
    const before = await unseen.test.fingerprint!(0)
    expect(await looked.test.fingerprint!(0)).toBe(before)
    put(join(root, 'test/a/1.jpg'), 'another')
    expect(await looked.test.fingerprint!(0)).toBe(before)
    expect(await unseen.test.fingerprint!(0)).not.toBe(before)
  })

  it('tells what it read and what it passed over, in one line', async () => {
    const root = folderOf('train/a/1.jpg', 'train/b/1', 'test/a/1.jpg', 'test/b/1.jfif', 'notes/x.jpg')
    put(join(root, 'train/a/notes.txt'), 'no image')
    put(join(root, 'train/b/more.txt'), 'no image')
    const { reading } = await imageFolder(root)
    expect(describeReading(reading!)).toBe(
      '2 classes, 2 training and 2 test images; passed over: 1 folder beside train and test (notes), ' +
        '2 files that are no images (train/a/notes.txt, …)',
    )
  })

  it('finds a broken image before anything is trained, unless told not to look', async () => {
    const root = folderOf('train/a/1.jpg', 'test/a/1.jpg')
    put(join(root, 'train/a/0.jpg'), 'broken')
    await expect(imageFolder(root)).rejects.toThrow(/train.a.0\.jpg/)
    expect((await imageFolder(root, { check: 'none' })).train).toHaveLength(2)
    put(join(root, 'train/a/0.jpg'), jpeg)
    truncateSync(join(root, 'train/a/0.jpg'), 1200)
    await imageFolder(root)
    await expect(imageFolder(root, { check: 'decode' })).rejects.toMatchObject({
      code: 'unreadable-image',
      subject: join(root, 'train/a/0.jpg'),
    })
  })
})
