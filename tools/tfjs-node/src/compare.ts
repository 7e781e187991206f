import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { selectEngine } from '@pilotjs/core/node'
import type { NodeEngine } from '@pilotjs/core/node'
import { workloads } from './workloads'

/** One workload on one engine. */
export interface Measurement {
  readonly row: string
  readonly engine: string
  /** Milliseconds per image: quickest and median reading, and the processor time of all threads. */
  readonly min: number
  readonly median: number
  readonly cpu: number
  readonly steps: number
  /** What the first steps gave (features, or losses), and samples of what they changed: to be compared between engines. */
  readonly results: readonly number[]
  readonly changed: readonly number[]
}

/** Steps before the clock starts; their results are what is compared. */
const warmup = 5
const stepsPerReading = 5

const middle = (values: readonly number[]) => [...values].sort((a, b) => a - b)[values.length >> 1]!

/** Runs a workload on an engine, in this process. */
export async function measure(row: string, engine: string, seconds: number): Promise<Measurement> {
  await selectEngine(engine as NodeEngine)
  const workload = workloads.find((each) => each.row === row)!
  const running = workload.build()
  const results: number[] = []
  await running.run(warmup, (values) => results.push(...values))
  const changed = [...(await running.changed())]
  const wall: number[] = []
  const cpu: number[] = []
  const end = performance.now() + seconds * 1000
  // Several steps a reading: a training loop reads each loss one step behind, so single steps have no end of their own.
  while (performance.now() < end || wall.length < 3) {
    const [start, used] = [performance.now(), process.cpuUsage()]
    await running.run(stepsPerReading, () => undefined)
    const { user, system } = process.cpuUsage(used)
    wall.push((performance.now() - start) / stepsPerReading)
    cpu.push((user + system) / 1000 / stepsPerReading)
  }
  const perImage = (value: number) => value / workload.batch
  return {
    row,
    engine,
    min: perImage(Math.min(...wall)),
    median: perImage(middle(wall)),
    cpu: perImage(middle(cpu)),
    steps: wall.length * stepsPerReading,
    results,
    changed,
  }
}

/** Largest |a − b| / (1 + |a|). */
export function deviation(a: readonly number[], b: readonly number[]): number {
  if (a.length !== b.length) throw new Error(`results of ${a.length} and ${b.length} numbers cannot be compared`)
  return a.reduce((most, value, i) => Math.max(most, Math.abs(value - b[i]!) / (1 + Math.abs(value))), 0)
}

export interface Comparison {
  readonly row: string
  readonly measurements: readonly Omit<Measurement, 'results' | 'changed'>[]
  /** Of each later engine from the first: of features or losses, and of the parameters after the same steps. */
  readonly deviations: readonly { readonly results: number; readonly changed: number }[]
}

/**
 * Each row's workload on every engine, each run in a process of its own so that no engine finds another's threads.
 * @param folder where `@tensorflow/tfjs-node` is installed
 */
export async function compare(
  rows: readonly string[],
  engines: readonly string[],
  folder: string,
  seconds: number,
  done: (comparison: Comparison) => void,
): Promise<void> {
  for (const row of rows) {
    const measured: Measurement[] = []
    for (const engine of engines) {
      const args = [fileURLToPath(import.meta.url), 'measure', row, engine, String(seconds)]
      const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: folder, maxBuffer: 1 << 30 })
      measured.push(JSON.parse(stdout.trim().split('\n').at(-1)!) as Measurement)
    }
    const [first, ...others] = measured
    done({
      row,
      measurements: measured.map(({ engine, min, median, cpu, steps }) => ({ row, engine, min, median, cpu, steps })),
      deviations: others.map(({ results, changed }) => ({
        results: deviation(first!.results, results),
        changed: deviation(first!.changed, changed),
      })),
    })
  }
}
