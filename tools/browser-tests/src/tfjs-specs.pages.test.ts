import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Plugin, build } from 'esbuild'
import { expect, it } from 'vitest'
import { withPage } from './open-page'

// A fixed sample of TensorFlow.js' own specs, which ship inside @tensorflow/tfjs-core, in a page: what its CPU backend passes
// must pass on this one, but for kernels that are not mapped, whose inputs a page cannot read at once.

interface Result {
  name: string
  backend: string
  status: string
  message: string
}

const require = createRequire(import.meta.url)
const here = fileURLToPath(new URL('.', import.meta.url))
const core = join(dirname(require.resolve('@tensorflow/tfjs-core/package.json')), 'dist')
const cpu = join(dirname(require.resolve('@tensorflow/tfjs-backend-cpu/package.json')), 'dist')
const engine = fileURLToPath(new URL('../../../packages/tfjs-backend-onnx/dist/web.js', import.meta.url))
const ort = dirname(require.resolve('onnxruntime-web/ort-wasm-simd-threaded.wasm'))
const jasmine = join(dirname(require.resolve('jasmine-core/package.json')), 'lib/jasmine-core')

/** One spec in so many runs, chosen by its name: always the same ones. */
const sample = 64

const runner = `
  const jasmine = jasmineRequire.core(jasmineRequire)
  const env = jasmine.getEnv()
  Object.assign(globalThis, jasmineRequire.interface(jasmine, env))
  const neutral = (name) => name.replace(/ (cpu|onnx) \\{[^}]*\\}/, '')
  const hash = (text) => [...text].reduce((h, c) => (Math.imul(h, 31) + c.charCodeAt(0)) >>> 0, 7)
  const results = []
  env.configure({ random: false, specFilter: (spec) => hash(neutral(spec.getFullName())) % ${sample} === 0 })
  env.addReporter({
    specDone({ fullName, status, failedExpectations }) {
      const [, backend] = / (cpu|onnx) \\{/.exec(fullName) ?? []
      if (status === 'excluded' || backend === undefined) return
      const message = failedExpectations.map((failed) => failed.message).join('; ')
      results.push({ name: neutral(fullName), backend, status, message })
    },
  })
  globalThis.runSpecs = async () => {
    await env.execute()
    return results
  }
`
const specs = `
  import '${core}/index.js'
  import '${core}/register_all_gradients.js'
  import '${core}/public/chained_ops/register_all_chained_ops.js'
  import '${cpu}/index.js'
  import '${engine}'
  import { setTestEnvs } from '${core}/jasmine_util.js'
  setTestEnvs([
    { name: 'cpu', backendName: 'cpu', isDataSync: true },
    { name: 'onnx', backendName: 'onnx', isDataSync: false },
  ])
  require('${core}/tests.js')
  globalThis.isReady = true
`

/** The specs are written against tfjs' modules, so everything is bundled with these. */
const tfjsModules: Plugin = {
  name: 'tfjs-modules',
  setup({ onLoad, onResolve }) {
    onResolve({ filter: /^@tensorflow\/tfjs-core$/ }, () => ({ path: join(core, 'index.js'), sideEffects: true }))
    onResolve({ filter: /^@tensorflow\/tfjs-backend-cpu$/ }, () => ({ path: join(cpu, 'index.js'), sideEffects: true }))
    onResolve({ filter: /^@tensorflow\/tfjs-core\/dist\// }, ({ path: name }) => ({
      path: `${core}/${name.slice('@tensorflow/tfjs-core/dist/'.length).replace(/\.js$/, '')}.js`,
    }))
    // Specs of files look for Node's modules, and do without.
    onResolve(
      { filter: /^(node-fetch|util|crypto|string_decoder|fs|path|url|http|https|stream|zlib|worker_threads)$/ },
      (args) => ({
        path: args.path,
        namespace: 'empty',
      }),
    )
    onLoad({ filter: /.*/, namespace: 'empty' }, () => ({ contents: 'module.exports = {}' }))
  },
}

async function bundle(): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'pilot-specs-'))
  const shared = {
    bundle: true,
    platform: 'browser',
    logLevel: 'error',
    ignoreAnnotations: true,
    tsconfigRaw: {},
  } as const
  const stdin = (contents: string) => ({ contents, resolveDir: here, loader: 'js' as const })
  writeFileSync(join(folder, 'runner.js'), `globalThis.jasmine = (() => {${runner}; return jasmine })()`)
  await build({
    ...shared,
    stdin: stdin(specs),
    format: 'esm',
    outfile: join(folder, 'specs.js'),
    plugins: [tfjsModules],
    define: { global: 'globalThis' },
  })
  const page = ['jasmine/jasmine.js', 'runner.js'].map((src) => `<script src="${src}"></script>`).join('')
  writeFileSync(join(folder, 'index.html'), `<!doctype html>${page}<script type="module" src="specs.js"></script>`)
  expect(readFileSync(join(folder, 'specs.js')).length).toBeGreaterThan(0)
  return folder
}

it('passes the specs of TensorFlow.js that its CPU backend passes', async () => {
  const results = await withPage(
    { '/': await bundle(), '/onnxruntime-web/': ort, '/jasmine/': jasmine },
    async (page) => {
      await page.waitForFunction('globalThis.isReady')
      return (await page.evaluate('runSpecs()')) as Result[]
    },
  )
  const onCpu = new Map(results.filter(({ backend }) => backend === 'cpu').map(({ name, status }) => [name, status]))
  const ours = results.filter(({ name, backend }) => backend === 'onnx' && onCpu.get(name) === 'passed')
  const isUnmapped = ({ message }: Result) => message.includes("runs on tfjs' CPU backend")
  const failed = ours.filter((result) => result.status === 'failed' && !isUnmapped(result))
  const passed = ours.filter(({ status }) => status === 'passed')
  console.log(
    `${passed.length} specs of ${ours.length} pass, ${ours.filter(isUnmapped).length} need kernels that are not mapped`,
  )
  expect(failed.map(({ name, message }) => `${name}: ${message.slice(0, 200)}`)).toEqual([])
  expect(passed.length).toBeGreaterThan(ours.length * 0.85)
  expect(passed.length).toBeGreaterThan(40)
})
