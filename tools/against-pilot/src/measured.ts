import { spawn } from 'node:child_process'
import { open, readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'

export interface Cost {
  readonly wallSeconds: number
  readonly cpuSeconds: number
  readonly peakBytes: number
}

/** The tool's own Python files, from its sources as from its build. */
export const pythonFile = (name: string) => fileURLToPath(new URL(`../python/${name}`, import.meta.url))

/** A command that ended with an exit code other than 0; the message ends with the last of what it printed. */
export class CommandError extends Error {
  override readonly name = 'CommandError'
  constructor(
    readonly command: readonly string[],
    /** What the command printed. */
    readonly output: string,
    readonly log: string,
  ) {
    super(
      `${command[0]} went wrong (all of its output: ${log}):\n${output.trimEnd().split('\n').slice(-12).join('\n')}`,
    )
  }
}

export interface CommandOptions {
  /** Python that measures; the same for both sides, so that both are measured alike. */
  readonly python: string
  readonly env?: Readonly<Record<string, string>>
  readonly cwd: string
  /** File that takes what the command prints; its result is written beside it. */
  readonly log: string
  readonly signal?: AbortSignal
}

/** Runs a command as a process of its own and says what that and its children took. @throws CommandError */
export async function measured(command: readonly string[], options: CommandOptions): Promise<Cost> {
  const { python, env, cwd, log, signal } = options
  const out = await open(log, 'w')
  try {
    const child = spawn(python, [pythonFile('measure.py'), costFile(log), ...command], {
      cwd,
      env: { ...process.env, ...env },
      stdio: ['ignore', out.fd, out.fd],
      signal,
    })
    const code = await new Promise<number | null>((resolve, reject) =>
      child.once('error', reject).once('exit', resolve),
    )
    if (code !== 0) throw new CommandError(command, await readFile(log, 'utf8'), log)
  } finally {
    await out.close()
  }
  return costOf(log)
}

export const costFile = (log: string) => `${log}.cost.json`

/** What a command took that has run before. */
export const costOf = async (log: string): Promise<Cost> => JSON.parse(await readFile(costFile(log), 'utf8')) as Cost
