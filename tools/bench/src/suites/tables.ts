import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { availableParallelism, cpus, totalmem } from 'node:os'
import { fileURLToPath } from 'node:url'
import { type SpeedRun, measuredOn, speedTable } from '../speed-table'

const root = fileURLToPath(new URL('../../../', import.meta.url))
const engineBench = 'packages/tfjs-backend-onnx/bench/run.mjs'

export interface TablesOptions {
  /** A Python with PyTorch: its readings stand beside each of the engine's. */
  readonly torch?: string
  readonly runs: number
  /** For each row and engine. */
  readonly seconds: number
  readonly threads: readonly number[]
}

/**
 * The speed tables of the engine's README, in Markdown, each with machine, day and versions above it.
 * @throws Error where the bench does not run
 */
export function tables({ torch, runs, seconds, threads }: TablesOptions): string {
  return threads.map((count) => tableOf(count, { torch, runs, seconds })).join('\n\n')
}

function tableOf(threads: number, { torch, runs, seconds }: Omit<TablesOptions, 'threads'>): string {
  const given = ['--json', '--threads', String(threads), '--seconds', String(seconds)]
  const results = Array.from({ length: runs }, () => engineRun([...given, ...(torch ? ['--torch', torch] : [])]))
  const torchVersion = results.flatMap(({ rows }) => rows).find(({ engine }) => engine.startsWith('torch'))?.engine
  const above = measuredOn({
    cpu: cpus()[0]?.model.trim() ?? 'unknown processor',
    cores: availableParallelism(),
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    threads,
    runs,
    date: new Date(),
    versions: {
      Node: process.versions.node,
      'onnxruntime-node': versionOf('onnxruntime-node'),
      ...(torchVersion && { torch: torchVersion.replace('torch ', '') }),
    },
  })
  return `${above}\n\n${speedTable(results)}`
}

/** One run of the engine's bench; what it prints besides goes to this process's errors. */
function engineRun(options: readonly string[]): SpeedRun {
  const { status, stdout, error } = spawnSync(process.execPath, [engineBench, ...options], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'inherit'],
    encoding: 'utf8',
    maxBuffer: 2 ** 26,
  })
  if (error) throw error
  if (status !== 0) throw new Error(`${engineBench} ended with code ${String(status)}`)
  return JSON.parse(stdout) as SpeedRun
}

/** Of a package that the engine depends on. */
function versionOf(name: string): string {
  const require = createRequire(`${root}packages/tfjs-backend-onnx/package.json`)
  for (const folder of require.resolve.paths(name) ?? [])
    try {
      return (JSON.parse(readFileSync(`${folder}/${name}/package.json`, 'utf8')) as { version: string }).version
    } catch {
      continue
    }
  return 'unknown'
}
