import { createHash } from 'node:crypto'
import { existsSync, readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { create } from 'tar'
import { describe, expect, it } from 'vitest'
import { writeCifar } from '../__fixtures__/cifar-files'
import { fileServer, whole } from '../../../download/src/__fixtures__/file-server'
import { put, scratch } from '../__fixtures__/scratch'
import { toy } from '../__fixtures__/toy'
import { catalogue } from './catalogue'
import type { DatasetEntry } from './catalogue'
import { resolveDataset } from './resolve-dataset'

const jpeg = readFileSync(fileURLToPath(new URL('../__fixtures__/color.jpg', import.meta.url)))

function imagesIn(root: string, classes: number): string {
  for (let c = 0; c < classes; c++)
    for (const split of ['train', 'test']) put(join(root, split, `c${c}`, '1.jpg'), jpeg)
  return root
}

describe('resolveDataset', () => {
  it("knows PILOT's names and folders", () => {
    expect(catalogue.map(({ name }) => name)).toEqual(
      expect.arrayContaining([
        'cifar10',
        'cifar100',
        'cifar224',
        'imagenetr',
        'imageneta',
        'cub',
        'objectnet',
        'omnibenchmark',
        'vtab',
      ]),
    )
    expect(new Set(catalogue.map(({ name }) => name)).size).toBe(catalogue.length)
  })

  it('finds a named dataset under the root, and one of another package', async () => {
    const root = scratch()
    writeCifar(join(root, 'cifar-100-python'), 'cifar100', 'python')
    const dataset = await resolveDataset('cifar224', { root })
    expect([dataset.name, dataset.classNames.length, dataset.train.key(0)]).toEqual([
      'cifar224',
      100,
      'cifar224/train/0',
    ])
    expect((await resolveDataset('toys', { others: { toys: () => toy() } })).name).toBe('toy')
    for (const option of [{ kind: 'classes' }, { orientation: 'upright' }, { split: { testFraction: 0.2 } }] as const) {
      const refused = { code: 'stream-option', option: Object.keys(option)[0] }
      await expect(resolveDataset('toys', { ...option, others: { toys: () => toy() } })).rejects.toMatchObject(refused)
      await expect(resolveDataset('cifar224', { ...option, root })).rejects.toMatchObject(refused)
    }
  })

  it('takes any folder of images, or of CIFAR', async () => {
    const folder = imagesIn(join(scratch(), 'pets'), 2)
    const seen: string[] = []
    const dataset = await resolveDataset(folder, {
      onProgress: (stage, done, total) => seen.push(`${stage} ${done}/${total}`),
    })
    expect([dataset.name, dataset.classNames]).toEqual(['pets', ['c0', 'c1']])
    expect(seen.at(-1)).toBe('check 4/4')
    const cifarFolder = scratch()
    writeCifar(cifarFolder, 'cifar10', 'binary')
    expect((await resolveDataset(cifarFolder)).classNames).toHaveLength(10)
  })

  it('names the folder to fill', async () => {
    const root = scratch()
    await expect(resolveDataset('imagenetr', { root })).rejects.toThrow(
      `Fill ${join(root, 'imagenet-r', 'train', 'CLASS', '*.jpg')}`,
    )
    await expect(resolveDataset('vtab', { root })).rejects.toThrow(join(root, 'vtab-cil', 'vtab'))
    await expect(resolveDataset('cifar100', { root })).rejects.toThrow(
      /so that it becomes .*cifar-100-python, or allow the download \(169 MB\)/,
    )
  })

  it('refuses a named dataset that has too few classes', async () => {
    const root = scratch()
    imagesIn(join(root, 'cub'), 2)
    await expect(resolveDataset('cub', { root })).rejects.toThrow(/cub holds 2 classes, cub has 200\. Complete it/)
  })

  it('suggests the nearest name', async () => {
    await expect(resolveDataset('imagenet-r')).rejects.toThrow("Did you mean 'imagenetr'?")
    await expect(resolveDataset('icon100', { others: { 'icons-100': () => toy() } })).rejects.toThrow(
      "Did you mean 'icons-100'?",
    )
    await expect(resolveDataset('mnist-fashion-hd')).rejects.toThrow(
      /called 'mnist-fashion-hd'\. Named datasets: cifar10,/,
    )
  })

  it('downloads, unpacks and reads, once', async () => {
    const source = scratch()
    writeCifar(join(source, 'cifar-10-batches-py'), 'cifar10', 'python')
    await create({ file: join(source, 'a.tar.gz'), cwd: source, gzip: true }, ['cifar-10-batches-py'])
    const archive = readFileSync(join(source, 'a.tar.gz'))
    const server = await fileServer(whole(archive))
    const digest = createHash('md5').update(archive).digest('hex')
    const entry: DatasetEntry = {
      ...catalogue[0]!,
      download: { url: server.url, bytes: archive.length, checksum: { algorithm: 'md5', digest } },
    }
    const root = scratch()
    const options = { root, catalogue: [entry], download: true }
    await expect(resolveDataset('cifar10', { ...options, download: false })).rejects.toThrow('or allow the download')
    expect((await resolveDataset('cifar10', options)).train).toHaveLength(20)
    expect((await resolveDataset('cifar10', options)).test).toHaveLength(10)
    expect(server.ranges).toHaveLength(1)
    expect(readdirSync(root)).toEqual(['cifar-10-batches-py'])
  })

  it('leaves nothing half made when the archive is not what it says', async () => {
    const junk = Buffer.alloc(4000, 5)
    const server = await fileServer(whole(junk))
    const digest = createHash('md5').update(junk).digest('hex')
    const entry: DatasetEntry = {
      ...catalogue[0]!,
      download: { url: server.url, bytes: junk.length, checksum: { algorithm: 'md5', digest } },
    }
    const root = scratch()
    await expect(resolveDataset('cifar10', { root, catalogue: [entry], download: true })).rejects.toThrow(
      /Can't unpack .*data\.tar\.gz/,
    )
    expect(existsSync(join(root, 'cifar-10-batches-py'))).toBe(false)
  })
})
