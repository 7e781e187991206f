// tfjs' own specs, run on tfjs' CPU backend and on this one: what the CPU backend passes must pass here.
//   node conformance/run.mjs [--sample N] [--grep TEXT] [--verbose]
// --sample N takes every N-th spec (by its name, so always the same ones), --grep those whose name contains TEXT.
import { spawnSync } from 'node:child_process'
import { mkdirSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import path from 'node:path'
import { performance } from 'node:perf_hooks'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { build } from 'esbuild'
import { exclusions } from './exclusions.mjs'

const { values: options } = parseArgs({
  options: {
    sample: { type: 'string', default: '1' },
    grep: { type: 'string', default: '' },
    verbose: { type: 'boolean', default: false },
  },
})

const here = path.dirname(fileURLToPath(import.meta.url))
const home = path.dirname(here)
const require = createRequire(import.meta.url)
const modulesOf = (name) => path.join(path.dirname(require.resolve(`${name}/package.json`)), 'dist')
const core = modulesOf('@tensorflow/tfjs-core')
const folder = path.join(home, 'node_modules', '.cache', 'conformance')
mkdirSync(folder, { recursive: true })

// The specs are written against tfjs' modules, so the backends are bundled with these instead of the published bundle.
const entry = `
  import { execute } from './suite'
  import '${core}/index.js'
  import '${core}/register_all_gradients.js'
  import '${core}/public/chained_ops/register_all_chained_ops.js'
  import '@tensorflow/tfjs-backend-cpu'
  import '../src/index'
  import { setTestEnvs } from '${core}/jasmine_util.js'
  setTestEnvs([
    { name: 'cpu', backendName: 'cpu', isDataSync: true },
    { name: 'onnx', backendName: 'onnx', isDataSync: true },
  ])
  require('${core}/tests.js')
  execute()
`
await build({
  stdin: { contents: entry, resolveDir: here, loader: 'ts' },
  outfile: path.join(folder, 'suite.cjs'),
  bundle: true,
  platform: 'node',
  format: 'cjs',
  target: 'node20',
  logLevel: 'error',
  // tfjs' package.json says that its specs have no side effects.
  ignoreAnnotations: true,
  define: { 'import.meta.url': 'bundleUrl' },
  banner: {
    js: `const bundleUrl = require('node:url').pathToFileURL(${JSON.stringify(path.join(home, 'dist/index.js'))}).href`,
  },
  external: ['jasmine-core', 'jasmine-core/*', 'onnxruntime-node', 'onnxruntime-common'],
  plugins: [
    {
      name: 'tfjs-modules',
      setup({ onResolve }) {
        onResolve({ filter: /^@tensorflow\/tfjs-(core|backend-cpu)$/ }, ({ path: name }) => ({
          path: path.join(modulesOf(name), 'index.js'),
          sideEffects: true,
        }))
        onResolve({ filter: /^@tensorflow\/tfjs-core\/dist\// }, ({ path: name }) => ({
          path: `${core}/${name.slice('@tensorflow/tfjs-core/dist/'.length).replace(/\.js$/, '')}.js`,
        }))
      },
    },
  ],
})

const output = path.join(folder, 'results.json')
const settings = JSON.stringify({ sample: Number(options.sample), grep: options.grep, output })
const started = performance.now()
const { status, signal } = spawnSync(process.execPath, [path.join(folder, 'suite.cjs'), settings], {
  stdio: ['ignore', options.verbose ? 'inherit' : 'ignore', 'inherit'],
})
if (status !== 0) {
  console.error(`The specs did not run to their end (${signal ?? `exit code ${status}`}).`)
  process.exit(1)
}

const results = JSON.parse(readFileSync(output, 'utf8'))
const onCpu = new Map(results.filter((r) => r.backend === 'cpu').map((r) => [r.name, r.status]))
const reasonFor = (name) => exclusions.find(({ specs }) => specs.some((text) => name.includes(text)))
const passed = []
const failed = []
const skipped = []
for (const result of results) {
  if (result.backend !== 'onnx') continue
  if (result.status === 'passed') passed.push(result)
  else if (onCpu.get(result.name) !== 'passed' || result.status === 'pending' || reasonFor(result.name))
    skipped.push(result)
  else failed.push(result)
}
for (const { name, message } of failed)
  console.log(`FAILED ${name}\n    ${message.slice(0, 300).replaceAll('\n', '\n    ')}`)
const total = passed.length + failed.length + skipped.filter((r) => onCpu.get(r.name) === 'passed').length
const share = ((100 * passed.length) / total).toFixed(2)
console.log(`${share} % of what the CPU backend passes, in ${((performance.now() - started) / 1000).toFixed(0)} s`)
console.log(`${passed.length} passed, ${failed.length} failed, ${skipped.length} skipped`)
process.exit(failed.length > 0 || passed.length === 0 ? 1 : 0)
