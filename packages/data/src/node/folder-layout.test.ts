import { mkdirSync } from 'node:fs'
import { join, relative } from 'node:path'
import { describe, expect, it } from 'vitest'
import { folderOf, scratch } from '../__fixtures__/scratch'
import { folderLayout } from './folder-layout'
import type { FolderKind } from './folder-layout'
import { passedOverLog } from './passed-over'

async function layoutOf(root: string, kind?: FolderKind) {
  const log = passedOverLog(root)
  const { domains, train, test } = await folderLayout(root, log, kind)
  const short = (parts?: typeof train) => parts?.map(({ folder }) => relative(root, folder))
  return { domains, train: short(train), test: short(test), passed: log.list() }
}
const withClasses = (...folders: string[]) => folderOf(...folders.flatMap((f) => [`${f}/a/1.jpg`, `${f}/b/1.jpg`]))

describe('folderLayout', () => {
  it.each([
    [['train', 'test'], 'train', 'test'],
    [['Train', 'Test'], 'Train', 'Test'],
    [['train', 'valid'], 'train', 'valid'],
    [['training', 'validation'], 'training', 'validation'],
    [['photos/photos/train', 'photos/photos/test'], 'photos/photos/train', 'photos/photos/test'],
    [['train', 'test', '__MACOSX/train'], 'train', 'test'],
  ])('finds the split of %s', async (folders, train, test) => {
    expect(await layoutOf(withClasses(...folders))).toMatchObject({ train: [train], test: [test] })
  })

  it("takes val where the test images are unlabelled, as ImageNet's", async () => {
    const root = withClasses('train', 'val')
    mkdirSync(join(root, 'test'))
    expect(await layoutOf(root)).toMatchObject({
      test: ['val'],
      passed: [{ reason: 'unlabelled', count: 1, example: 'test' }],
    })
  })

  it('says which folders it leaves aside', async () => {
    expect((await layoutOf(withClasses('train', 'test', 'val', 'extra'))).passed).toEqual([
      { reason: 'unused', count: 2, example: 'val' },
    ])
  })

  it('tells class folders from domains, with and without a split', async () => {
    expect(await layoutOf(withClasses('Art/train', 'Art/test', 'Clipart/train', 'Clipart/test'))).toMatchObject({
      domains: ['Art', 'Clipart'],
      train: ['Art/train', 'Clipart/train'],
      test: ['Art/test', 'Clipart/test'],
    })
    expect(await layoutOf(withClasses('Art', 'Clipart'))).toMatchObject({
      domains: ['Art', 'Clipart'],
      train: ['Art', 'Clipart'],
      test: undefined,
    })
    expect(await layoutOf(folderOf('a/1.jpg', 'b/1.jpg'))).toMatchObject({ domains: undefined, train: [''] })
    expect(await layoutOf(folderOf('a/x/1.jpg', 'b/y/1.jpg'))).toMatchObject({ domains: undefined, train: [''] })
    expect(await layoutOf(folderOf('train/a/1.jpg'))).toMatchObject({ train: ['train'], test: undefined })
  })

  it('asks where a folder could be read both ways, and takes the answer', async () => {
    const root = folderOf('a/x/1.jpg', 'a/y/1.jpg', 'a/z/1.jpg', 'b/x/1.jpg', 'b/v/1.jpg', 'b/w/1.jpg')
    await expect(layoutOf(root)).rejects.toThrow('could hold classes or domains')
    expect(await layoutOf(root, 'classes')).toMatchObject({ domains: undefined })
    expect(await layoutOf(root, 'domains')).toMatchObject({ domains: ['a', 'b'] })
  })

  it('refuses what is no dataset, or half of one', async () => {
    await expect(layoutOf(join(scratch(), 'none'))).rejects.toThrow(
      /There is no folder .*none\. Expected: .*train.CLASS/,
    )
    await expect(layoutOf(scratch())).rejects.toThrow('is not laid out as an image dataset')
    const hollow = scratch()
    mkdirSync(join(hollow, 'a'))
    mkdirSync(join(hollow, 'b'))
    await expect(layoutOf(hollow)).rejects.toThrow('is not laid out as an image dataset')
    await expect(layoutOf(withClasses('test'))).rejects.toThrow('but no train folder')
    await expect(layoutOf(withClasses('Train', 'train', 'test'))).rejects.toThrow('has the folders Train and train')
    await expect(layoutOf(withClasses('Art/train', 'Art/test', 'Real'))).rejects.toThrow('Real has no train and test')
    await expect(layoutOf(withClasses('A/train', 'A/test', 'B/train'))).rejects.toThrow(
      'B has a train folder, but none',
    )
  })
})
