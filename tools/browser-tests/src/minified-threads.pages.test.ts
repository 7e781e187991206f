import { readFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { extname } from 'node:path'
import { chromium } from 'playwright'
import type { Browser } from 'playwright'
import { build } from 'vite'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { workspaceSources } from '../../../vitest.sources.ts'

const program = `
import { selectEngine } from '@pilotjs/core'
import '@tensorflow/tfjs-backend-cpu'
import { setWasmPaths } from '@tensorflow/tfjs-backend-wasm'
setWasmPaths('/wasm/')
globalThis.start = (options) => selectEngine('wasm', options).then(({ engine }) => engine, ({ code }) => code)
`
const wasmFiles = new URL('../node_modules/@tensorflow/tfjs-backend-wasm/dist/', import.meta.url)
// Isolated pages may have threads.
const headers = { 'cross-origin-opener-policy': 'same-origin', 'cross-origin-embedder-policy': 'require-corp' }
const types: Readonly<Record<string, string>> = { '.js': 'text/javascript', '.wasm': 'application/wasm' }

let server: Server
let browser: Browser

/** The page's program as a bundler minifies it: files by name. */
async function bundled(): Promise<Map<string, string>> {
  const built = await build({
    configFile: false,
    logLevel: 'error',
    plugins: [
      workspaceSources,
      {
        name: 'page',
        resolveId: (id) => (id === 'virtual:page' ? id : undefined),
        load: (id) => (id === 'virtual:page' ? program : undefined),
      },
    ],
    build: {
      write: false,
      minify: true,
      rollupOptions: {
        input: 'virtual:page',
        output: { entryFileNames: 'page.js', chunkFileNames: '[name].js' },
        external: (id) => /webgpu|webgl|tfjs-backend-onnx/.test(id),
      },
    },
  })
  const outputs = [built].flat().flatMap((bundle) => ('output' in bundle ? bundle.output : []))
  return new Map(outputs.flatMap((file) => (file.type === 'chunk' ? [[`/${file.fileName}`, file.code] as const] : [])))
}

beforeAll(async () => {
  const files = await bundled()
  files.set('/', '<!doctype html><script type="module" src="/page.js"></script>')
  const answer = async (path: string): Promise<string | Buffer | undefined> =>
    path.startsWith('/wasm/')
      ? readFile(new URL(path.slice('/wasm/'.length), wasmFiles)).catch(() => undefined)
      : files.get(path)
  server = createServer((request, response) => {
    const path = new URL(request.url!, 'http://localhost').pathname
    void answer(path).then((body) => {
      response.writeHead(body === undefined ? 404 : 200, {
        ...headers,
        'content-type': types[extname(path)] ?? 'text/html',
      })
      response.end(body)
    })
  })
  await new Promise<void>((resolve) => {
    server.listen(0, resolve)
  })
  const executablePath = process.env.PILOT_CHROMIUM
  browser = await chromium.launch({ ...(executablePath && { executablePath }), args: ['--no-sandbox'] })
})
afterAll(async () => {
  await browser.close()
  server.close()
})

async function startOnPage(options: object): Promise<unknown> {
  const page = await browser.newPage()
  await page.goto(`http://localhost:${(server.address() as AddressInfo).port}/`)
  await page.waitForFunction('globalThis.start && crossOriginIsolated')
  const answer: unknown = await page.evaluate(`globalThis.start(${JSON.stringify(options)})`)
  await page.close()
  return answer
}

it('wasm’s dead thread workers of a minified page end in an error', async () => {
  expect(await startOnPage({ deadline: 5000 })).toBe('engine-silent')
})

it('wasm starts there without threads', async () => {
  expect(await startOnPage({ threads: 1 })).toBe('wasm')
})
