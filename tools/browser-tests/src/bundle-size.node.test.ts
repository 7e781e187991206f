import { gzipSync } from 'node:zlib'
import { build } from 'vite'
import { expect, it } from 'vitest'
import { workspaceSources } from '../../../vitest.sources.ts'

/** What a page imports that learns with two methods and measures itself. */
const page = `
import { createContext, selectEngine } from '@pilotjs/core'
import { memoryFeatureCache } from '@pilotjs/core/features'
import { classIncremental, inMemoryDataset } from '@pilotjs/data'
import { evaluate, summarize } from '@pilotjs/eval'
import { l2p } from '@pilotjs/l2p'
import { simplecil } from '@pilotjs/simplecil'
Object.assign(globalThis, { createContext, memoryFeatureCache, selectEngine, classIncremental, inMemoryDataset, evaluate, summarize, l2p, simplecil })
`

it('a page without its engine is less than 70 kB', async () => {
  const built = await build({
    configFile: false,
    logLevel: 'error',
    plugins: [
      workspaceSources,
      {
        name: 'page',
        resolveId: (id) => (id === 'virtual:page' ? id : undefined),
        load: (id) => (id === 'virtual:page' ? page : undefined),
      },
    ],
    build: {
      write: false,
      minify: true,
      rollupOptions: {
        input: 'virtual:page',
        external: (id) => id.startsWith('@tensorflow/') || id.includes('tfjs-backend-onnx'),
      },
    },
  })
  const chunks = [built].flat().flatMap((bundle) => ('output' in bundle ? bundle.output : []))
  const programs = chunks.flatMap((chunk) => (chunk.type === 'chunk' ? [chunk] : []))
  // Nothing of a page needs Node.
  expect(programs.flatMap(({ imports }) => imports).filter((id) => id.startsWith('node:'))).toEqual([])
  const bytes = programs.reduce((sum, { code }) => sum + gzipSync(code).length, 0)
  console.log(`page without engine: ${bytes} bytes gzip`)
  expect(bytes).toBeLessThan(70_000)
})
