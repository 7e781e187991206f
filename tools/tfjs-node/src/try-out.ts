import { execFile } from 'node:child_process'
import { promisify } from 'node:util'

export interface Trial {
  readonly tensorflow: string
  readonly node: string
  readonly gpu: boolean
  /** Largest deviation of a 512 × 512 matrix product from the same product computed number by number, in part. */
  readonly deviation: number
}

/** Runs in a process of its own: a library that does not fit ends a process, not only a call. */
const program = `
const util = require('node:util')
util.isNullOrUndefined ??= (value) => value === null || value === undefined
util.isArray ??= Array.isArray
const tf = require(process.argv[1])
const n = 512
const a = tf.randomUniform([n, n], -1, 1, 'float32', 1)
const b = tf.randomUniform([n, n], -1, 1, 'float32', 2)
const [x, y, product] = [a.dataSync(), b.dataSync(), tf.matMul(a, b).dataSync()]
let deviation = 0
for (let i = 0; i < n; i += 37) for (let j = 0; j < n; j += 41) {
  let sum = 0
  for (let k = 0; k < n; k++) sum += x[i * n + k] * y[k * n + j]
  deviation = Math.max(deviation, Math.abs(sum - product[i * n + j]))
}
const backend = tf.backend()
console.log(JSON.stringify({
  tensorflow: backend.binding.TF_Version,
  node: process.version,
  gpu: backend.isUsingGpuDevice,
  deviation,
}))
`

/** Loads the package with its new binding and computes with it. @throws Error with what the process said */
export async function tryOut(tfjsNode: string): Promise<Trial> {
  try {
    const { stdout } = await promisify(execFile)(process.execPath, ['-e', program, tfjsNode])
    return JSON.parse(stdout.trim().split('\n').at(-1)!) as Trial
  } catch (error) {
    const { stderr = '', message } = error as { stderr?: string; message: string }
    throw new Error(`the binding is built, but does not run:\n${stderr || message}`, { cause: error })
  }
}
