// What a sweep of many runs costs in Redis: memory while all wait, messages, time; with workers that do nothing.
// `node tools/sweep-proof/src/simulate.mjs 10000` against a Redis of one's own: PILOT_QUEUE=redis://localhost:6379
/* global AbortController */
import { performance } from 'node:perf_hooks'
import { clearInterval, setInterval } from 'node:timers'
import { setTimeout as pause } from 'node:timers/promises'
import { QUEUE, openSweepQueue, work } from '@pilotjs/sweep-queue'
import { createRequire } from 'node:module'

const { Redis } = createRequire(createRequire(import.meta.url).resolve('@pilotjs/sweep-queue/package.json'))('ioredis')
const url = process.env.PILOT_QUEUE ?? 'redis://127.0.0.1:6379'
const count = Number(process.argv[2] ?? 10_000)
const TASKS = 10
const redis = new Redis(url)
const value = async (section, name) => Number(new RegExp(`^${name}:(\\d+)`, 'm').exec(await redis.info(section))?.[1])
const state = async () => ({
  memory: await value('memory', 'used_memory'),
  commands: await value('stats', 'total_commands_processed'),
  received: await value('stats', 'total_net_input_bytes'),
  sent: await value('stats', 'total_net_output_bytes'),
})
const between = (a, b) => Object.fromEntries(Object.entries(b).map(([key, now]) => [key, now - a[key]]))
const told = (what, { memory, commands, received, sent }, seconds) =>
  console.log(
    `${what.padEnd(10)} ${(memory / 2 ** 20).toFixed(1).padStart(7)} MiB  ${(commands / count).toFixed(1).padStart(6)} commands/run  ` +
      `${(received / count / 1024).toFixed(2).padStart(6)} KiB in/run  ${(sent / count / 1024).toFixed(2).padStart(6)} KiB out/run  ${seconds.toFixed(1)} s`,
  )

await redis.flushall()
/** As large as a real one: a config with twenty options, versions of a dozen packages. */
const run = (i) => ({
  id: i.toString(16).padStart(16, '0'),
  label: `l2p, poolSize=10, increment=10, seed ${i}`,
  folder: `l2p-${i.toString(16).padStart(16, '0')}`,
  config: {
    method: 'l2p',
    options: Object.fromEntries(Array.from({ length: 20 }, (_, k) => [`option${k}`, 0.01 * k])),
    data: { name: 'cifar224' },
    backbone: 'vit_base_patch16_224.augreg_in21k',
    stream: { scenario: 'class-incremental', baseClasses: 0, increment: 10, shuffle: true },
    seed: i,
    engine: 'onnx',
  },
  tasks: TASKS,
  data: 'd'.repeat(64),
  backbone: 'b'.repeat(32),
})
const versions = Object.fromEntries(Array.from({ length: 12 }, (_, k) => [`@pilotjs/package-${k}`, '0.1.0+0123abcd']))
const terms = () => Promise.resolve({ out: '/shared/sweep', mark: 'mark', versions, state: 'shared', fence: 0 })

const queue = await openSweepQueue({ url })
const empty = await state()
let began = performance.now()
let news = 0
const answers = Array.from({ length: count }, (_, i) => queue.send(run(i), terms, { onNews: () => void news++ }))
while (((await redis.llen(`pilot:${QUEUE}:wait`)) ?? 0) < count) await pause(50)
const waiting = await state()
told('waiting', between(empty, waiting), (performance.now() - began) / 1000)

began = performance.now()
const stop = new AbortController()
const working = work({
  url,
  name: 'nobody',
  jobs: 16,
  signal: stop.signal,
  unfit: () => Promise.resolve(undefined),
  async compute(_, { onNews }) {
    onNews({ kind: 'begun', earlier: [] })
    for (let task = 0; task < TASKS; task++) onNews({ kind: 'scored', task, accuracy: 87.65, seconds: 12.3 })
    return {}
  },
  worthRetrying: () => false,
})
let most = 0
const watch = setInterval(async () => (most = Math.max(most, await value('memory', 'used_memory'))), 500)
await Promise.all(answers)
clearInterval(watch)
const done = await state()
told('computing', between(waiting, done), (performance.now() - began) / 1000)
console.log(
  `most memory ${((most - empty.memory) / 2 ** 20).toFixed(1)} MiB, left ${((done.memory - empty.memory) / 2 ** 20).toFixed(1)} MiB; ${news} news heard`,
)
console.log(`this process: ${(process.memoryUsage.rss() / 2 ** 20).toFixed(0)} MiB`)
stop.abort(new Error('done'))
await working
await queue.close()
redis.disconnect()
