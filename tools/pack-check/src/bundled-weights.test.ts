import { createHash } from 'node:crypto'
import { mkdtemp, readFile, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build as bundle } from 'esbuild'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { build } from 'vite'
import { root } from './packages'

const page = fileURLToPath(new URL('__fixtures__/page', import.meta.url))
const weights = ['vit-icons', 'efficientnet-lite0']
let out = ''
beforeEach(async () => (out = await mkdtemp(join(tmpdir(), 'pilotjs-page-'))))
afterEach(() => rm(out, { recursive: true, force: true }))

/** Every file of a bundle, its name and content. */
async function filesOf(folder: string): Promise<{ name: string; bytes: Buffer }[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  return Promise.all(
    entries
      .filter((entry) => entry.isFile())
      .map(async ({ name, parentPath }) => ({ name, bytes: await readFile(join(parentPath, name)) })),
  )
}

/** The weights are there as they are in their packages, and the code names them as they are called there. */
async function expectWeights(): Promise<void> {
  const files = await filesOf(out)
  const code = files.filter(({ name }) => name.endsWith('.js')).map(({ bytes }) => bytes.toString())
  for (const name of weights) {
    const own = await readFile(join(root, 'packages', name, 'data', `${name}.safetensors`))
    const digest = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex')
    const found = files.filter(({ bytes }) => bytes.length === own.length && digest(bytes) === digest(own))
    expect(found.length, name).toBeGreaterThan(0)
    expect(code.some((text) => found.some((file) => text.includes(file.name)))).toBe(true)
  }
}

it('Vite finds the weights of the embedded backbones', async () => {
  await build({
    root: page,
    logLevel: 'error',
    build: { outDir: out, emptyOutDir: true, minify: false, target: 'esnext' },
  })
  await expectWeights()
})

it('esbuild finds them too', async () => {
  await bundle({
    entryPoints: [join(page, 'esbuild.js')],
    outdir: out,
    bundle: true,
    format: 'esm',
    platform: 'browser',
    target: 'esnext',
    loader: { '.safetensors': 'file' },
    // Engines that a page registers itself.
    external: ['@tensorflow/tfjs-backend-*', '@pilotjs/tfjs-backend-onnx'],
    logLevel: 'error',
  })
  await expectWeights()
})
