// The engine in a browser, beside others: node tools/bench/src/browser/run.mjs [--rounds 3] [--peer PYTHON] [--only TEXT]
//   --peer PYTHON  also beside transformers.js, whose models that Python makes (it takes torch and onnx)
//   --only TEXT    contenders whose name contains the text
// All in one run, in turn; medians of the rounds after a first one, which builds programs. CPU time is that of all of the
// browser's pages (they wait but for the one whose turn it is), so that what else the machine does hardly counts.
import { execFileSync, spawn } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, readFileSync, readdirSync, realpathSync, rmSync } from 'node:fs'
import { cpus } from 'node:os'
import path from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import * as esbuild from 'esbuild'
import { chromium } from 'playwright'
import * as vite from 'vite'
import { findChromium } from '../../../browser-tests/find-chromium.mjs'

const { values: options } = parseArgs({
  options: {
    rounds: { type: 'string', default: '3' },
    peer: { type: 'string' },
    only: { type: 'string', default: '' },
  },
})
const here = path.dirname(fileURLToPath(import.meta.url))
const home = path.join(here, '..', '..')
const cache = path.join(home, 'node_modules', '.cache', 'browser')
const site = path.join(cache, 'site')

/** A page's program in a folder of its own below the site. */
async function makePage(name) {
  await vite.build({
    root: here,
    configFile: false,
    logLevel: 'error',
    base: './',
    build: {
      outDir: path.join(site, name),
      emptyOutDir: true,
      target: 'es2022',
      rollupOptions: { input: path.join(here, `${name}.html`) },
    },
  })
}

function makeModels(python) {
  execFileSync(python, [path.join(here, 'export-vit.py'), path.join(site, 'models')], {
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  const transformers = path.dirname(realpathSync(path.join(home, 'node_modules', '@huggingface', 'transformers')))
  const runtime = path.join(transformers, '..', 'onnxruntime-web', 'dist')
  mkdirSync(path.join(site, 'transformers'), { recursive: true })
  for (const file of readdirSync(runtime).filter((name) => /^ort-wasm.*\.(mjs|wasm)$/.test(name)))
    cpSync(path.join(runtime, file), path.join(site, 'transformers', file))
}

async function inNode() {
  const program = path.join(cache, 'node.mjs')
  await esbuild.build({
    entryPoints: [path.join(here, 'node.ts')],
    outfile: program,
    bundle: true,
    platform: 'node',
    format: 'esm',
    packages: 'external',
    // As built: this repository's own settings say where sources are.
    tsconfigRaw: {},
    logLevel: 'error',
  })
  const child = spawn(process.execPath, [program], { stdio: ['pipe', 'pipe', 'inherit'] })
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  return {
    async round(work) {
      child.stdin.write(`${work}\n`)
      const { value, done } = await lines.next()
      if (done) throw new Error('the program in Node has ended')
      return JSON.parse(value)
    },
    close: () => child.stdin.end(),
  }
}

const ours = ['forward', 'l2p', 'features of vit-32', 'features of vit-224']
const theirs = ['features of vit-32', 'features of vit-224']
/** What is measured: where, which work, and how many times a round. tfjs' own backends take minutes for the rest. */
const contenders = [
  { name: 'onnx, page', page: 'page', start: ['onnx', { threads: 1 }], works: ours, times: 6 },
  { name: 'onnx, page, 2 threads', page: 'page', start: ['onnx', { threads: 2 }], works: ['forward', 'l2p'], times: 6 },
  { name: 'onnx, Node', works: ours, times: 6 },
  { name: 'tfjs wasm, page', page: 'page', start: ['wasm', {}], works: ['forward', 'l2p'], times: 1 },
  ...(options.peer ? [{ name: 'transformers.js, page', page: 'peer', start: [], works: theirs, times: 6 }] : []),
].filter(({ name }) => name.includes(options.only))

const executablePath = findChromium()
if (!executablePath) {
  console.error('No Chromium found (PATH, or PILOT_CHROMIUM=/path/to/chromium).')
  process.exit(1)
}
rmSync(site, { recursive: true, force: true })
for (const name of new Set(contenders.flatMap(({ page }) => page ?? []))) await makePage(name)
if (options.peer) makeModels(options.peer)

const server = await vite.preview({
  root: here,
  configFile: false,
  logLevel: 'error',
  build: { outDir: site },
  preview: {
    port: 0,
    host: '127.0.0.1',
    // Threads share memory in pages that are isolated from others.
    headers: { 'Cross-Origin-Opener-Policy': 'same-origin', 'Cross-Origin-Embedder-Policy': 'require-corp' },
  },
})
const address = `http://127.0.0.1:${server.httpServer.address().port}`
const browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] })
const system = await browser.newBrowserCDPSession()

/** CPU milliseconds of all pages, with their workers. */
async function cpuMs() {
  const { processInfo } = await system.send('SystemInfo.getProcessInfo')
  return processInfo.reduce((sum, { type, cpuTime }) => sum + (type === 'renderer' ? 1000 * cpuTime : 0), 0)
}

async function inPage({ page: name, start }) {
  const page = await browser.newPage()
  page.setDefaultTimeout(0)
  page.on('pageerror', (error) => console.error(`${name}: ${error.message}`))
  await page.goto(`${address}/${name}/${name}.html`)
  await page.waitForFunction('globalThis.bench')
  await page.evaluate(`bench.start(...${JSON.stringify(start)})`)
  return {
    page,
    async round(work) {
      const used = await cpuMs()
      const timed = await page.evaluate(
        `(async () => { const began = performance.now(); const count = await bench.run(${JSON.stringify(work)}); return { count, wall: performance.now() - began } })()`,
      )
      return { ...timed, cpu: (await cpuMs()) - used }
    },
    close: () => page.close(),
  }
}

/**
 * The longest tasks of a page's main thread while L2P trains, in milliseconds of CPU time: while it begins, and once its programs
 * are built.
 */
async function longestTasks(contender) {
  const { page, round, close } = await inPage(contender)
  await round('forward')
  const longest = []
  for (const when of ['first', 'later']) {
    await browser.startTracing(page, { categories: ['toplevel'] })
    await round('l2p')
    const { traceEvents } = JSON.parse((await browser.stopTracing()).toString())
    const place = ({ pid, tid }) => `${pid} ${tid}`
    const threads = traceEvents.filter(({ name, args }) => name === 'thread_name' && args.name === 'CrRendererMain')
    const mains = new Set(threads.map(place))
    const tasks = traceEvents.filter((event) => event.name.endsWith('RunTask') && mains.has(place(event)))
    longest.push({ when, 'longest task, CPU ms': Math.max(...tasks.map(({ tdur = 0 }) => tdur)) / 1000 })
  }
  await close()
  return longest
}

const running = []
for (const contender of contenders)
  running.push({ ...contender, ...(await (contender.page ? inPage(contender) : inNode())), results: new Map() })
for (let round = 0; round <= Number(options.rounds); round++)
  for (const work of ours)
    for (const contender of running.filter(({ works }) => works.includes(work))) {
      const took = { cpu: 0, wall: 0, count: 0 }
      const times = round > 0 && work !== 'l2p' ? contender.times : 1
      for (let i = 0; i < times; i++) {
        const { cpu, wall, count } = await contender.round(work)
        took.count = count
        took.cpu += cpu / times
        took.wall += wall / times
      }
      if (round > 0) contender.results.set(work, [...(contender.results.get(work) ?? []), took])
      console.error(
        `${round} ${work}, ${contender.name}: ${took.cpu.toFixed(0)} ms CPU, ${took.wall.toFixed(0)} by the clock`,
      )
    }
for (const { close } of running) await close()
const tasks = contenders[0]?.page ? await longestTasks(contenders[0]) : []
await browser.close()
await server.close()

const middle = (values) => [...values].sort((a, b) => a - b)[values.length >> 1]
for (const work of ours) {
  const figures = running.flatMap(({ name, results }) => {
    const rounds = results.get(work)
    if (!rounds) return []
    const each = (key) => middle(rounds.map((round) => round[key] / round.count))
    return [{ work, contender: name, 'CPU ms': each('cpu'), 'clock ms': each('wall') }]
  })
  const [first] = figures
  for (const figure of figures)
    console.log(JSON.stringify({ ...figure, 'of the first': figure['CPU ms'] / first['CPU ms'] }))
}
for (const task of tasks) console.log(JSON.stringify({ work: 'l2p', contender: contenders[0].name, ...task }))
const versionOf = (name) => {
  const file = path.join(home, 'node_modules', name, 'package.json')
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')).version : 'none'
}
console.error({
  chromium: browser.version(),
  node: process.version,
  cpu: cpus()[0]?.model,
  'onnxruntime-web': versionOf('onnxruntime-web'),
  'tfjs-backend-wasm': versionOf('@tensorflow/tfjs-backend-wasm'),
  '@huggingface/transformers': versionOf('@huggingface/transformers'),
})
