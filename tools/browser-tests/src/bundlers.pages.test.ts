import { mkdtempSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import * as esbuild from 'esbuild'
import * as vite from 'vite'
import { describe, expect, it } from 'vitest'
import { withPage } from './open-page'
import type { Report } from './pages/training'

const entry = fileURLToPath(new URL('./pages/training.ts', import.meta.url))
const ort = dirname(createRequire(import.meta.url).resolve('onnxruntime-web/ort-wasm-simd-threaded.wasm'))

/** Losses of the same steps in Node. */
const losses = [0.2478972, 0.2199266, 0.1734167]

function folder(): string {
  const made = mkdtempSync(join(tmpdir(), 'pilot-page-'))
  writeFileSync(join(made, 'index.html'), '<!doctype html><script type="module" src="./page.js"></script>')
  return made
}

async function withVite(): Promise<string> {
  const outDir = folder()
  await vite.build({
    configFile: false,
    logLevel: 'error',
    base: './',
    build: { outDir, emptyOutDir: false, rollupOptions: { input: entry, output: { entryFileNames: 'page.js' } } },
  })
  return outDir
}

async function withEsbuild(): Promise<string> {
  const outDir = folder()
  await esbuild.build({
    entryPoints: [entry],
    bundle: true,
    format: 'esm',
    minify: true,
    outfile: join(outDir, 'page.js'),
    logLevel: 'error',
    // As in a project of its own: this one's says where sources are.
    tsconfigRaw: {},
  })
  return outDir
}

const train = (folders: Record<string, string>, options: object, isIsolated = false) =>
  withPage(
    folders,
    async (page) => {
      await page.waitForFunction('globalThis.train')
      return (await page.evaluate(`train(${JSON.stringify(options)})`)) as Report
    },
    { isIsolated },
  )

describe('a page that trains', () => {
  it('is bundled by Vite, which sees to the files of onnxruntime-web', async () => {
    const report = await train({ '/': await withVite() }, {})
    report.losses.forEach((loss, i) => expect(loss).toBeCloseTo(losses[i]!, 5))
    expect(report).toMatchObject({ provider: 'wasm', threads: 1, synchronousRead: 'synchronous-read' })
  })

  it('is bundled by esbuild, with the files beside it or elsewhere', async () => {
    const built = await withEsbuild()
    const beside = await train({ '/': built, '/onnxruntime-web/': ort }, {})
    const elsewhere = await train({ '/': built, '/files/': ort }, { wasmPaths: '/files' })
    expect(beside.losses).toEqual(elsewhere.losses)
    beside.losses.forEach((loss, i) => expect(loss).toBeCloseTo(losses[i]!, 5))
  })

  it('has threads where it is isolated', async () => {
    const report = await train({ '/': await withEsbuild(), '/onnxruntime-web/': ort }, { threads: 2 }, true)
    expect(report.threads).toBe(2)
    report.losses.forEach((loss, i) => expect(loss).toBeCloseTo(losses[i]!, 5))
  })

  it('computes on the processor where auto finds no GPU', async () => {
    const options = { executionProviders: ['auto'] }
    const report = await train({ '/': await withEsbuild(), '/onnxruntime-web/': ort }, options)
    expect(report.provider).toBe('wasm')
  })
})
