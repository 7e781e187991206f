// RanPAC's statistics at full size: node bench/ridge.mjs [--outputs 10000] [--images 50000] [--tasks 10] [--classes 100] [--width
// 768] Features are random; what is timed is what follows them. Prints what a large matrix product reaches, then one JSON object
// a task. Beside the seconds stand the GFLOP/s of the products and factorisations that a phase cannot do without: near the
// product's own, the time went into them.
import { performance } from 'node:perf_hooks'
import { parseArgs } from 'node:util'
import { createRng } from '@pilotjs/core/random'
import { selectEngine } from '@pilotjs/core/node'
import * as tf from '@tensorflow/tfjs-core'
import { randomProjection, ridgeStatistics, selectRidge } from '../dist/index.js'

const { values: options } = parseArgs({
  options: {
    engine: { type: 'string', default: 'auto' },
    outputs: { type: 'string', default: '10000' },
    images: { type: 'string', default: '50000' },
    tasks: { type: 'string', default: '10' },
    run: { type: 'string', default: '10' },
    classes: { type: 'string', default: '100' },
    width: { type: 'string', default: '768' },
  },
})
const [outputs, images, tasks, run, classes, width] = ['outputs', 'images', 'tasks', 'run', 'classes', 'width'].map(
  (name) => Number(options[name]),
)
await selectEngine(options.engine)

/** Seconds by the clock and of all threads together: on a busy machine only the second is comparable. */
async function time(work) {
  const start = performance.now()
  const before = process.cpuUsage()
  const result = await work()
  const { user, system } = process.cpuUsage(before)
  return { result, s: round((performance.now() - start) / 1000), cpuS: round((user + system) / 1e6) }
}
const round = (seconds) => Math.round(seconds * 100) / 100

/** Waits until the sums are computed, by reading one number of each. */
async function settle() {
  for (const variable of Object.values(statistics.variables())) {
    const corner = tf.slice(variable, [0, 0], [1, 1])
    await corner.data()
    corner.dispose()
  }
}

/** GFLOP/s of a large product, the best of five. */
async function productSpeed(side = 3000) {
  const [a, b] = [tf.randomUniform([side, side]), tf.randomUniform([side, side])]
  await Promise.all([a.data(), b.data()])
  let best = Infinity
  for (let repeat = 0; repeat < 5; repeat++) {
    const { s } = await time(async () => {
      const product = tf.matMul(a, b)
      const corner = tf.slice(product, [0, 0], [1, 1])
      await corner.data()
      tf.dispose([product, corner])
    })
    best = Math.min(best, s)
  }
  tf.dispose([a, b])
  return Math.round((2 * side ** 3) / best / 1e9)
}

console.log(JSON.stringify({ product: { gflops: await productSpeed() } }))

const rng = createRng(1)
const map = randomProjection({ width, outputs, rng })
const statistics = ridgeStatistics({ map, classes })
const perTask = Math.floor(images / tasks)
const centres = rng.normals(classes * width, 0, 0.1)

for (let task = 0; task < Math.min(run, tasks); task++) {
  const labels = Array.from(
    { length: perTask },
    (_, i) => Math.floor((task * classes) / tasks) + (i % (classes / tasks)),
  )
  const values = rng.normals(perTask * width, 0, 1)
  labels.forEach((label, i) => {
    for (let k = 0; k < width; k++) values[i * width + k] += centres[label * width + k]
  })
  const features = tf.tensor2d(values, [perTask, width])
  const select = await time(() => selectRidge(features, labels, { map, classes }))
  const add = await time(async () => {
    statistics.add(features, labels)
    await settle()
  })
  const solve = await time(() => statistics.solve(select.result.strength))
  const read = await time(() => solve.result.data())
  tf.dispose([features, solve.result])
  const { strength } = select.result
  // the smaller of selectRidge's two problems; a strength too small for float32 ends its factorisation early and counts as
  // nothing
  const fit = Math.floor(0.8 * perTask)
  const [rows, columns] = fit < outputs ? [fit, outputs] : [outputs, fit]
  const factorisations = select.result.errors.filter(Number.isFinite).length
  const projecting = 2 * perTask * width * outputs
  const needed = {
    select: projecting + rows ** 2 * columns + 2 * (perTask - fit) * fit * outputs + (factorisations * rows ** 3) / 3,
    add: projecting + perTask * outputs ** 2,
    solve: outputs ** 3 / 3 + 2 * outputs ** 2 * classes,
  }
  const phase = (name, s, cpuS) => ({ s: round(s), cpuS: round(cpuS), gflops: Math.round(needed[name] / s / 1e9) })
  console.log(
    JSON.stringify({
      task,
      images: perTask,
      strength,
      select: phase('select', select.s, select.cpuS),
      add: phase('add', add.s, add.cpuS),
      solve: phase('solve', solve.s + read.s, solve.cpuS + read.cpuS),
      rssMB: Math.round(process.memoryUsage().rss / 2 ** 20),
      peakMB: Math.round(process.resourceUsage().maxRSS / 2 ** 10),
      tensors: tf.memory().numTensors,
    }),
  )
}
process.exit(0)
