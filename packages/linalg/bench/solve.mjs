// Times the solvers on an engine, beside numpy/scipy where Python has them:
//   node bench/solve.mjs [--sizes 1000,5000] [--engine MODULE] [--python PYTHON]
// Builds of this package and of the engine must stand (pnpm build). Prints one JSON object a row.
import { execFileSync } from 'node:child_process'
import { performance } from 'node:perf_hooks'
import { parseArgs } from 'node:util'
import * as tf from '@tensorflow/tfjs-core'
import * as linalg from '../dist/index.js'

const { values: options } = parseArgs({
  options: {
    sizes: { type: 'string', default: '1000,2000,5000' },
    eigen: { type: 'string', default: '256,768' },
    engine: { type: 'string', default: new URL('../../tfjs-backend-onnx/dist/index.js', import.meta.url).href },
    backend: { type: 'string', default: 'onnx' },
    repeats: { type: 'string', default: '3' },
    blocks: { type: 'string', default: '512,128' },
    python: { type: 'string' },
  },
})
await import(options.engine)
await tf.setBackend(options.backend)
const blocks = options.blocks.split(',').map(Number)

/**
 * Milliseconds by the clock and of all threads together: the first run (which builds the engine's sessions) apart, then the
 * least. On a busy machine only the second is comparable.
 */
async function time(run) {
  const clock = []
  const cpu = []
  for (let i = 0; i <= Number(options.repeats); i++) {
    const start = performance.now()
    const before = process.cpuUsage()
    await run()
    const { user, system } = process.cpuUsage(before)
    clock.push(Math.round(performance.now() - start))
    cpu.push(Math.round((user + system) / 1000))
  }
  return { first: clock[0], ms: Math.min(...clock.slice(1)), cpuMs: Math.min(...cpu.slice(1)) }
}

const print = (row) => console.log(JSON.stringify(row))
const spd = (n) =>
  tf.tidy(() => {
    const r = tf.randomNormal([n, n], 0, 1, 'float32', 7)
    return tf.add(tf.mul(1 / n, tf.matMul(r, r, false, true)), tf.eye(n))
  })

for (const n of options.sizes.split(',').filter(Boolean).map(Number)) {
  const a = spd(n)
  const b = tf.randomNormal([n, 100], 0, 1, 'float32', 8)
  await Promise.all([a.data(), b.data()])
  print({
    n,
    what: 'matrix product',
    ...(await time(async () => {
      const c = tf.matMul(a, a)
      await tf.slice(c, [0, 0], [1, 1]).data()
      c.dispose()
    })),
  })
  print({
    n,
    what: 'SPD solve, 100 columns',
    ...(await time(async () => {
      const x = await linalg.solvePositiveDefinite(a, b, { blocks })
      await x.data()
      x.dispose()
    })),
  })
  const x = await linalg.solvePositiveDefinite(a, b, { blocks })
  const residual = tf.tidy(() => tf.max(tf.abs(tf.sub(tf.matMul(a, x), b))))
  print({ n, what: 'largest residual', value: (await residual.data())[0] })
  print({
    n,
    what: 'Cholesky, L assembled',
    ...(await time(async () => {
      const l = await linalg.cholesky(a, { blocks })
      await l.data()
      l.dispose()
    })),
  })
  tf.dispose([a, b, x, residual])
}
for (const n of options.eigen.split(',').filter(Boolean).map(Number)) {
  if (!linalg.symmetricEigen) break
  const a = spd(n)
  await a.data()
  print({
    n,
    what: 'symmetric eigen decomposition',
    ...(await time(async () => {
      const { values, vectors } = await linalg.symmetricEigen(a)
      await vectors.data()
      tf.dispose([values, vectors])
    })),
  })
  a.dispose()
}
if (options.python)
  console.log(
    execFileSync(options.python, [
      new URL('solve.py', import.meta.url).pathname,
      options.sizes,
      options.eigen,
    ]).toString(),
  )
process.exit(0)
