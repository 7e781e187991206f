import { createServer } from 'node:http'
import { readFile } from 'node:fs/promises'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { IMAGE_BYTES } from './image-pack'
import { loadIcons100 } from './load-icons-100'
import type { Icons100 } from './load-icons-100'

const file = new URL('../data/icons-100.bin', import.meta.url)

describe('Icons-100', () => {
  let icons: Icons100
  beforeAll(async () => {
    icons = await loadIcons100()
  })

  it('has 100 classes, each with enough drawings to learn and to test', () => {
    expect(icons.classNames).toHaveLength(100)
    expect(new Set(icons.classNames).size).toBe(100)
    for (const [split, least] of [
      [icons.train, 15],
      [icons.test, 5],
    ] as const) {
      const counts = new Array<number>(100).fill(0)
      for (const label of split.labels) counts[label]!++
      expect(Math.min(...counts)).toBeGreaterThanOrEqual(least)
    }
  })

  it('keeps every family of sets on one side of the split', () => {
    const families = (split: 'train' | 'test') =>
      new Set(Array.from(icons.arrays[split].sets, (set) => icons.sets[set]!.family))
    const test = families('test')
    expect([...families('train')].filter((family) => test.has(family))).toEqual([])
    expect(test.size).toBeGreaterThan(20)
  })

  it('names only sets whose licence lets drawings be passed on', () => {
    const allowed = /^(MIT|Apache-2\.0|ISC|BSD-[23]-Clause|CC0-1\.0|CC-BY-[34]\.0|OFL-1\.1)$/
    expect(icons.sets.filter(({ licence }) => !allowed.test(licence))).toEqual([])
    expect(icons.sets.filter(({ name, author }) => !name || !author)).toEqual([])
  })

  it('tests on no drawing that is in training', () => {
    const image = (split: 'train' | 'test', i: number) =>
      Buffer.from(icons.arrays[split].images.buffer, i * IMAGE_BYTES, IMAGE_BYTES).toString('latin1')
    const known = new Set(Array.from({ length: icons.train.length }, (_, i) => image('train', i)))
    const again = Array.from({ length: icons.test.length }, (_, i) => i).filter((i) => known.has(image('test', i)))
    expect(again).toEqual([])
  })

  it('labels every domain in both splits, and colour where colour is', async () => {
    for (const split of ['train', 'test'] as const) {
      expect([...new Set(icons[split].domains)].sort()).toEqual([0, 1, 2, 3])
    }
    const grey = icons.train.domains!.indexOf(icons.domains.indexOf('filled'))
    const colour = icons.train.domains!.indexOf(icons.domains.indexOf('colour'))
    const hue = async (index: number) => {
      const { data } = await icons.train.read(index)
      return Uint8Array.from(data).reduce((sum, value, p) => sum + Math.abs(value - data[p - (p % 3)]!), 0)
    }
    expect(await hue(grey)).toBeLessThan(await hue(colour))
  })

  it('loads from a server as a browser does, and says what is wrong otherwise', async () => {
    const server = createServer((request, response) => {
      if (request.url === '/icons-100.bin') void readFile(file).then((bytes) => response.end(bytes))
      else response.writeHead(404).end()
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    afterAll(() => server.close())
    const served = await loadIcons100(`${address}/icons-100.bin`)
    expect(served.train.length).toBe(icons.train.length)
    await expect(loadIcons100(`${address}/else`)).rejects.toThrow('404')
    await expect(loadIcons100(new URL('./nothing.bin', import.meta.url))).rejects.toThrow('nothing.bin cannot be read')
  })
})
