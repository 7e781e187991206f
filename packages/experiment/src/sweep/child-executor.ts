import type { ChildProcess } from 'node:child_process'
import { fork } from 'node:child_process'
import { existsSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { ExperimentError } from '../experiment-error'
import type { FromChild, ToChild } from './child-messages'
import { receivedError } from './sent-error'
import type { Execute, ExecuteOptions, SweepRun } from './sweep-run'

export interface ChildExecutorOptions {
  /** Folder that names of packages and relative paths are looked up from. Default: the working directory. */
  readonly cwd?: string
  /** As in `createRegistry`. */
  readonly bundled?: string
  /** Folder in which runs share features of frozen extractors. Default: each keeps its own in memory. */
  readonly features?: string
  /** Threads that a run computes with. Default: what the environment says, else all cores. */
  readonly threads?: number
  /** The program that computes a run. Default: this package's own. */
  readonly program?: string
}

/** Lines of a process's last words that are told where it dies. */
const LAST_WORDS = 12

/**
 * Computes each run in a process of its own, which ends with it: nothing that a run does, or leaves behind, reaches another or
 * the process that asked. Aborting stops the run at its next step; when the asking process dies, the run ends at once with what
 * is saved.
 * @throws what went wrong with the run; ExperimentError `process-died` where its process ended first
 */
export function childExecutor(options: ChildExecutorOptions = {}): Execute {
  const { cwd = process.cwd(), threads, program = programFile() } = options
  const environment = threads === undefined ? {} : { PILOT_THREADS: String(threads) }
  return (run, asked) => {
    const { bundled, features } = options
    const child = fork(program, {
      cwd,
      env: { ...process.env, ...environment },
      execArgv: [],
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    })
    return follow(child, run, asked, { cwd, bundled, features })
  }
}

function follow(
  child: ChildProcess,
  run: SweepRun,
  { out, signal, fence, onNews, onSaved }: ExecuteOptions,
  place: Pick<ChildExecutorOptions, 'bundled' | 'features'> & { readonly cwd: string },
): Promise<void> {
  const tell = (message: ToChild) => {
    // It may be gone already, which its end tells.
    if (child.connected) child.send(message, () => undefined)
  }
  return new Promise((resolve, reject) => {
    let ended: Extract<FromChild, { kind: 'ended' }> | undefined
    /** Why the run may not go on though nothing is wrong with it. */
    let refusal: { readonly error: unknown } | undefined
    const words: string[] = []
    const stop = () => tell({ kind: 'stop' })
    createInterface({ input: child.stderr! }).on('line', (line) => {
      words.push(line)
      if (words.length > LAST_WORDS) words.shift()
      onNews?.({ kind: 'note', message: line })
    })
    child.on('message', (message: FromChild) => {
      if (message.kind === 'news') onNews?.(message.news)
      else if (message.kind === 'ended') ended = message
      else
        Promise.resolve(onSaved?.(message.saved)).then(
          () => tell({ kind: 'go on' }),
          (error: unknown) => {
            refusal ??= { error }
            stop()
          },
        )
    })
    child.on('error', reject)
    child.on('close', (exit, killed) => {
      signal?.removeEventListener('abort', stop)
      if (refusal) reject(refusal.error as Error)
      else if (signal?.aborted && (!ended || ended.error)) reject(signal.reason as Error)
      else if (!ended) reject(died(run, exit, killed, words))
      else if (ended.error) reject(receivedError(ended.error))
      else resolve()
    })
    signal?.addEventListener('abort', stop)
    tell({ kind: 'run', run, out, fence, ...place })
    if (signal?.aborted) stop()
  })
}

function died(run: SweepRun, exit: number | null, signal: NodeJS.Signals | null, words: readonly string[]) {
  const how = signal ? `was killed (${signal}${signal === 'SIGKILL' ? '; out of memory?' : ''})` : `ended with ${exit}`
  return new ExperimentError(
    'process-died',
    { folder: run.folder, ...(signal ? { signal } : {}), ...(exit === null ? {} : { exit }) },
    [`the process of ${run.label} ${how}`, ...words].join('\n  '),
  )
}

function programFile(): string {
  const candidates = ['./run-child.js', '../../dist/run-child.js'].map((path) =>
    fileURLToPath(new URL(path, import.meta.url)),
  )
  // The first is what an installed package has: its absence is told by the process that does not start.
  return candidates.find((file) => existsSync(file)) ?? candidates[0]!
}
