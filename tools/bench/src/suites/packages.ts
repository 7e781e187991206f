import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { Row } from '../measure'

const root = fileURLToPath(new URL('../../../', import.meta.url))

/**
 * Benches that live beside what they measure, and run in a process of their own. Each prints JSON lines; the rest is for people.
 */
export const packageBenches: Readonly<Record<string, { readonly script: string; readonly what: string }>> = {
  loader: { script: 'packages/data/bench/loader.mjs', what: 'decoding and augmenting, by number of workers' },
  engine: { script: 'packages/tfjs-backend-onnx/bench/run.mjs', what: 'the ONNX engine beside plain onnxruntime-node' },
  browser: {
    script: 'tools/bench/src/browser/run.mjs',
    what: 'the ONNX engine in Chromium, beside tfjs’ wasm backend and Node',
  },
  classifier: {
    script: 'packages/classifier/bench/figures.mjs',
    what: 'calibration and unknown classes of a classifier, on Icons-100',
  },
  'classifier-memory': {
    script: 'packages/classifier/bench/memory.mjs',
    what: 'memory of a classifier over 10,000 taught and 100,000 predicted images',
  },
  linalg: { script: 'packages/linalg/bench/solve.mjs', what: 'Cholesky and eigenvalues at size' },
  ridge: {
    script: 'packages/statistics/bench/ridge.mjs',
    what: 'RanPAC’s statistics with 10,000 projections and 50,000 images',
  },
}

/** Runs a bench and reads the JSON lines off its output, which is shown as it comes. */
export async function packageBench(name: string): Promise<Row[]> {
  const { script } = packageBenches[name]!
  const child = spawn(process.execPath, [script], { cwd: root, stdio: ['ignore', 'pipe', 'inherit'] })
  let output = ''
  child.stdout.on('data', (chunk: Buffer) => {
    output += String(chunk)
    process.stderr.write(chunk)
  })
  const code = await new Promise<number | null>((resolve, reject) => child.on('error', reject).on('close', resolve))
  if (code !== 0) throw new Error(`${script} ended with code ${String(code)}`)
  return rowsOf(output)
}

/** JSON lines; a line that is an object with `rows` stands for its rows. */
export function rowsOf(output: string): Row[] {
  return output.split('\n').flatMap((line): Row[] => {
    if (!line.startsWith('{')) return []
    const value = JSON.parse(line) as Row & { rows?: Row[] }
    return value.rows ?? [value]
  })
}
