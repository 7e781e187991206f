import { describe, expect, it } from 'vitest'
import { plain, toy } from '../__fixtures__/toy'
import type { Dataset, ImageSource } from '../dataset/dataset'
import { subset } from '../dataset/subset'
import { classIncremental } from './class-incremental'
import { compareStream, digestStream } from './stream-digest'

const split = (dataset: Dataset) => classIncremental(dataset, { increment: 2, shuffle: false, transforms: plain })
const withTrain = (dataset: Dataset, change: (source: ImageSource) => ImageSource): Dataset => ({
  ...dataset,
  train: change(dataset.train),
})
const told = async (before: Dataset, now: Dataset) => compareStream(await digestStream(split(before)), split(now))

describe('digestStream', () => {
  it('is plain JSON, the same every time', async () => {
    const digest = await digestStream(split(toy()))
    expect(JSON.parse(JSON.stringify(digest))).toEqual(digest)
    expect(await digestStream(split(toy()))).toEqual(digest)
    expect(digest.classNames).toHaveLength(6)
    expect(digest.tasks[1]!.train.map(({ label, images }) => [label, images])).toEqual([
      [2, 4],
      [3, 4],
    ])
    expect(digest.tasks[1]!.train[0]).toMatchObject({ digest: expect.stringMatching(/^[0-9a-f]{32}$/) as string })
    expect(await compareStream(digest, split(toy()))).toEqual([])
  })

  it('tells how far it is, and stops when it is told to', async () => {
    const seen: number[] = []
    await digestStream(split(toy()), { onProgress: (done, total) => seen.push(done / total) })
    expect(seen.at(-1)).toBe(1)
    await expect(digestStream(split(toy()), { signal: AbortSignal.abort(new Error('enough')) })).rejects.toThrow(
      'enough',
    )
  })
})

describe('compareStream', () => {
  it('names classes that are new, gone, renamed or reordered', async () => {
    const renamed = { ...toy(), classNames: toy().classNames.map((name, c) => (c === 3 ? 'zebra' : name)) }
    expect((await told(toy(), renamed)).map(({ message }) => message)).toEqual([
      "class 'class 3' is no longer there",
      "class 'zebra' was not there",
    ])
    const more = await told(toy({ classes: 6 }), toy({ classes: 7 }))
    expect(more.map(({ kind, className }) => [kind, className])).toEqual([
      ['class-names', 'class 6'],
      ['tasks', undefined],
    ])
    const turned = split({ ...toy(), classNames: toy().classNames.toReversed() })
    const [first] = await compareStream(await digestStream(split(toy())), turned)
    expect(first).toMatchObject({ kind: 'class-names', className: 'class 5' })
    expect(first!.message).toContain('the order of classes is another')
  })

  it('names the class and the image whose contents are others', async () => {
    const changed = withTrain(toy(), (source) => ({
      ...source,
      fingerprint: (index) => (index === 8 ? 'another' : source.fingerprint!(index)),
    }))
    expect(await told(toy(), changed)).toEqual([
      {
        kind: 'images',
        task: 1,
        split: 'train',
        className: 'class 2',
        sample: 'toy/train/8',
        message: "class 'class 2', task 2: its training images are others; the first that differs is toy/train/8",
      },
    ])
  })

  it('counts images that are gone or new', async () => {
    const fewer = withTrain(toy(), (source) =>
      subset(
        source,
        Array.from({ length: 22 }, (_, i) => i),
      ),
    )
    expect((await told(toy(), fewer)).map(({ message }) => message)).toEqual([
      "class 'class 4', task 3: 3 training images, there were 4",
      "class 'class 5', task 3: 3 training images, there were 4",
    ])
    const [more] = await told(fewer, toy())
    expect(more).toMatchObject({ kind: 'image-count', sample: 'toy/train/22' })
  })

  it('notices labels that moved between images of the same names', async () => {
    const moved = withTrain(toy(), (source) => {
      const labels = source.labels.slice()
      ;[labels[0], labels[1]] = [labels[1]!, labels[0]!]
      return { ...source, labels }
    })
    expect((await told(toy(), moved)).map(({ className, kind }) => [className, kind])).toEqual([
      ['class 0', 'images'],
      ['class 1', 'images'],
    ])
  })

  it('compares images whose source tells nothing of their contents by key and label', async () => {
    const silent = (dataset: Dataset) => withTrain(dataset, (source) => ({ ...source, fingerprint: undefined }))
    expect(await told(silent(toy()), silent(toy()))).toEqual([])
  })
})
