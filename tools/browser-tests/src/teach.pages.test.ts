import { mkdtempSync } from 'node:fs'
import { readFile, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Classifier } from '@pilotjs/classifier'
import { loadClassifier } from '@pilotjs/classifier'
import { selectEngine } from '@pilotjs/core/node'
import { loadIcons100 } from '@pilotjs/icons-100'
import { loadVitIcons } from '@pilotjs/vit-icons'
import type { Page } from 'playwright'
import sharp from 'sharp'
import * as vite from 'vite'
import { beforeAll, describe, expect, it } from 'vitest'
import { workspaceSources } from '../../../vitest.sources.ts'
import { withPage } from './open-page'

const example = fileURLToPath(new URL('../../../examples/teach/', import.meta.url))
const engine = fileURLToPath(new URL('../../../packages/tfjs-backend-onnx/dist/web.js', import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'pilot-teach-'))
const site = join(folder, 'site')
/** Where pictures of the page go, for people: PILOT_SCREENSHOTS names a folder. */
const pictures = process.env.PILOT_SCREENSHOTS

beforeAll(async () => {
  await vite.build({
    root: example,
    configFile: join(example, 'vite.config.ts'),
    logLevel: 'error',
    plugins: [workspaceSources],
    resolve: { alias: { '@pilotjs/tfjs-backend-onnx': engine } },
    build: { outDir: site, minify: false },
  })
})

const patience = 120_000
const camera = ['--use-fake-device-for-media-stream', '--use-fake-ui-for-media-stream']
const teachPage = <R>(use: Parameters<typeof withPage<R>>[1]): Promise<R> =>
  withPage(
    { '/': site },
    async (page, disconnect) => {
      page.setDefaultTimeout(patience)
      await ready(page)
      return use(page, disconnect)
    },
    { args: camera },
  )

const ready = (page: Page) => page.waitForFunction("document.querySelector('#status').textContent.startsWith('Ready')")
const picture = async (page: Page, name: string) => {
  if (!pictures) return
  const take = (kind: string) => page.screenshot({ path: join(pictures, `${name}-${kind}.png`), fullPage: true })
  const size = page.viewportSize()!
  await take('light')
  await page.emulateMedia({ colorScheme: 'dark' })
  await take('dark')
  await page.setViewportSize({ width: 390, height: 844 })
  await take('phone')
  await page.setViewportSize(size)
  await page.emulateMedia({ colorScheme: 'light' })
}

/** The names that the page shows, those it knows and the one it sees. */
const known = (page: Page) => page.locator('#classes li span').allTextContents()
const best = async (page: Page) => (await page.locator('#bars li span').allTextContents())[0]

/** What comes, sooner or later: a busy machine may take a while. */
const shown = (read: () => Promise<unknown>) => expect.poll(read, { timeout: patience })

/** Draws on the pad through these points, in parts of its side. */
async function draw(page: Page, ...points: readonly (readonly [number, number])[]): Promise<void> {
  const box = (await page.locator('#pad').boundingBox())!
  const side = Math.min(box.width, box.height)
  const [left, top] = [box.x + (box.width - side) / 2, box.y + (box.height - side) / 2]
  for (const [i, [x, y]] of points.entries()) {
    await page.mouse.move(left + x * side, top + y * side, { steps: 4 })
    if (i === 0) await page.mouse.down()
  }
  await page.mouse.up()
}
const zigzag = [0.1, 0.3, 0.5, 0.7, 0.9].map((x, i) => [x, i % 2 === 0 ? 0.3 : 0.7] as const)
/** A heart in one line, from its tip around. */
const heart = Array.from({ length: 25 }, (_, i) => {
  const angle = (i / 24) * 2 * Math.PI + Math.PI
  const y = 13 * Math.cos(angle) - 5 * Math.cos(2 * angle) - 2 * Math.cos(3 * angle) - Math.cos(4 * angle)
  return [0.5 + (16 * Math.sin(angle) ** 3) / 42, 0.47 - y / 42] as const
})

async function teach(page: Page, name: string): Promise<void> {
  await page.fill('#name', name)
  await page.click('#teach button')
  await ready(page)
}

async function fileOf(page: Page): Promise<string> {
  const [download] = await Promise.all([page.waitForEvent('download'), page.click('#save')])
  const path = join(folder, 'saved.safetensors')
  await download.saveAs(path)
  return path
}

/** An icon as a picture of a file. */
async function icon(name: string, which: number): Promise<{ name: string; mimeType: string; buffer: Buffer }> {
  const { classNames, arrays } = await loadIcons100()
  const { labels, images } = arrays.test
  const place = [...labels.keys()].filter((i) => classNames[labels[i]!] === name)[which]!
  const raw = { width: 32, height: 32, channels: 3 as const }
  const pixels = Buffer.from(images.slice(place * 3072, (place + 1) * 3072))
  return { name: `${name}.png`, mimeType: 'image/png', buffer: await sharp(pixels, { raw }).png().toBuffer() }
}

const namesOf = async (classifier: Classifier, image: Buffer) =>
  (await classifier.predict(image)).map(({ name, probability }) => [name, Math.round(probability * 1000)])

describe('the page that is taught', () => {
  it('sees, learns, forgets, and is opened again with all it knows, without a network', async () => {
    await teachPage(async (page, disconnect) => {
      expect(await known(page)).toContain('heart')
      await page.evaluate('navigator.serviceWorker.ready.then(() => undefined)')
      await disconnect()
      await draw(page, ...heart)
      await page.waitForFunction("document.querySelector('#bars li')")
      await shown(() => best(page)).toBe('heart')
      await picture(page, 'sees')

      await page.click('#clear')
      await draw(page, ...zigzag)
      await teach(page, 'zigzag')
      expect(await known(page)).toContain('zigzag')
      await draw(page, ...zigzag.map(([x, y]) => [x * 0.8 + 0.05, y * 0.9 + 0.02] as const))
      await shown(() => best(page)).toBe('zigzag')

      await page.click('[aria-label="Forget star"]')
      await ready(page)
      expect(await known(page)).not.toContain('star')
      const before = await known(page)
      await page.reload()
      await ready(page)
      expect(await known(page)).toEqual(before)
      await draw(page, ...zigzag)
      await shown(() => best(page)).toBe('zigzag')

      await page.click('#reset')
      await ready(page)
      expect(await known(page)).toContain('star')
    })
  })

  it('looks at files and at the camera', async () => {
    await teachPage(async (page) => {
      await page.click('#tab-files')
      await page.setInputFiles('#files', [await icon('umbrella', 0), await icon('key', 3)])
      await shown(() => best(page)).toBe('key')
      expect(await page.locator('#thumbnails img').count()).toBe(2)
      await picture(page, 'files')
      await page.setInputFiles('#files', [await icon('bell', 0), await icon('bell', 1), await icon('bell', 2)])
      await teach(page, 'bell')
      await page.setInputFiles('#files', [await icon('bell', 5)])
      await shown(() => best(page)).toBe('bell')
      expect(await page.locator('#classes li', { hasText: 'bell' }).textContent()).toContain('3')

      await page.click('#tab-camera')
      await page.waitForFunction("document.querySelector('video').videoWidth > 0")
      await page.waitForFunction("document.querySelectorAll('#bars li').length > 0")
      await teach(page, 'test card')
      await shown(() => best(page)).toBe('test card')
      await picture(page, 'camera')
      await page.click('#tab-draw')
      expect(await page.evaluate("document.querySelector('video').srcObject")).toBeNull()
    })
  })

  it('gives files that programs in Node load, and takes theirs', async () => {
    await selectEngine('onnx')
    const backbone = await loadVitIcons()
    await teachPage(async (page) => {
      await draw(page, ...zigzag)
      await teach(page, 'zigzag')
      const classifier = await loadClassifier(await fileOf(page), { backbones: [backbone] })
      expect(classifier.classes).toEqual(await known(page))
      const image = await icon('fish', 2)
      await page.click('#tab-files')
      await page.setInputFiles('#files', [image])
      await shown(() => best(page)).toBe('fish')
      const [[name, share] = []] = await namesOf(classifier, image.buffer)
      expect(name).toBe('fish')
      const told = await page.locator('#bars li span').nth(1).textContent()
      expect(Math.abs(Number.parseInt(told!) - Number(share) / 10)).toBeLessThan(2)

      await classifier.learn({ bell: [(await icon('bell', 0)).buffer, (await icon('bell', 1)).buffer] })
      await classifier.removeClass('fish')
      const path = join(folder, 'from-node.safetensors')
      await classifier.save(path)
      await page.setInputFiles('#load', path)
      await shown(() => known(page)).toEqual([...classifier.classes])
      await page.setInputFiles('#files', [await icon('bell', 5)])
      await shown(() => best(page)).toBe('bell')
      classifier.dispose()

      await writeFile(path, (await readFile(path)).subarray(0, 500))
      await page.setInputFiles('#load', path)
      await page.waitForFunction("document.querySelector('#status').textContent.includes('damaged')")
      expect(await known(page)).toContain('bell')
    })
    backbone.dispose()
  })
})
