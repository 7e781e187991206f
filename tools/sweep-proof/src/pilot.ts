import type { ChildProcess } from 'node:child_process'
import { spawn } from 'node:child_process'
import { createRequire } from 'node:module'
import { createInterface } from 'node:readline'

const program = createRequire(import.meta.url)
  .resolve('@pilotjs/cli/package.json')
  .replace('package.json', 'bin/pilot.js')

/** A `pilot` command at work. */
export interface Pilot {
  readonly pid: number
  /** What it has said so far, a line each. */
  readonly lines: readonly string[]
  kill(signal: NodeJS.Signals): void
  /** @returns the exit code; null where it was killed */
  readonly ended: Promise<number | null>
}

/** Starts a command in a folder, as in a pipe. @param onLine told of every line as it comes */
export function pilot(
  args: readonly string[],
  {
    cwd,
    env = {},
    onLine = () => undefined,
  }: { cwd: string; env?: NodeJS.ProcessEnv; onLine?: (line: string) => void },
): Pilot {
  const child: ChildProcess = spawn(process.execPath, [program, ...args], {
    cwd,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  const lines: string[] = []
  createInterface({ input: child.stderr! }).on('line', (line) => {
    lines.push(line)
    onLine(line)
  })
  return {
    pid: child.pid!,
    lines,
    kill: (signal) => void child.kill(signal),
    ended: new Promise((resolve) => child.on('close', resolve)),
  }
}
