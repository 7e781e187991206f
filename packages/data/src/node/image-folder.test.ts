import { readFileSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { plain } from '../__fixtures__/toy'
import { put, scratch } from '../__fixtures__/scratch'
import { domainIncremental } from '../streams/domain-incremental'
import { imageFolder } from './image-folder'

const jpeg = readFileSync(fileURLToPath(new URL('../__fixtures__/color.jpg', import.meta.url)))

/** A folder with these image files. */
function folderOf(...files: string[]): string {
  const root = scratch()
  for (const file of files) put(join(root, file), jpeg)
  return root
}

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
    await expect(imageFolder(join(scratch(), 'none'))).rejects.toThrow(
      /There is no folder .*none\. Expected: .*train.CLASS/,
    )
    await expect(imageFolder(scratch())).rejects.toThrow('is not laid out as an image dataset')
    await expect(imageFolder(folderOf('train/a/1.jpg'))).rejects.toThrow('has a train folder, but neither test nor val')
    await expect(imageFolder(folderOf('train/1.jpg', 'test/1.jpg'))).rejects.toThrow('has no class folders')
    const lopsided = folderOf('train/a/1.jpg', 'train/b/1.jpg', 'test/a/1.jpg')
    await expect(imageFolder(lopsided)).rejects.toThrow(/test.b holds no images/)
    const stray = folderOf('train/a/1.jpg', 'test/a/1.jpg', 'test/c/1.jpg')
    await expect(imageFolder(stray)).rejects.toThrow(/test.c: there is no such class/)
    const bitmap = folderOf('train/a/1.bmp', 'test/a/1.jpg')
    await expect(imageFolder(bitmap)).rejects.toThrow(/1\.bmp: \.bmp is not supported; convert it to PNG/)
  })

  it('finds a broken image before anything is trained, unless told not to look', async () => {
    const root = folderOf('train/a/1.jpg', 'test/a/1.jpg')
    put(join(root, 'train/a/0.jpg'), 'broken')
    await expect(imageFolder(root)).rejects.toThrow(/train.a.0\.jpg/)
    expect((await imageFolder(root, { check: 'none' })).train).toHaveLength(2)
  })
})
