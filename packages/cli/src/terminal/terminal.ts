import { createColors } from 'picocolors'
import { programName } from './command-line'

/** Words in colour, or as they are. */
export type Colors = ReturnType<typeof createColors>

/** Where a command writes and what it runs in; tests bring their own. */
export interface Terminal {
  /** Results: what a pipe should get. */
  out(text: string): void
  /** Progress, hints and errors. */
  err(text: string): void
  /** Whether progress may be redrawn in place. */
  readonly live: boolean
  readonly columns: number
  readonly rows: number
  readonly colors: Colors
  readonly cwd: string
  /** How this command is called: what printed commands begin with. */
  readonly program: string
  /** Aborted by Ctrl-C. */
  readonly signal: AbortSignal
}

/** The process's own terminal. Colours follow NO_COLOR, FORCE_COLOR and whether output is read by people. */
export function processTerminal(signal: AbortSignal): Terminal {
  const { stdout, stderr, env } = process
  const live = stdout.isTTY === true && stderr.isTTY === true && env.TERM !== 'dumb' && !env.CI
  const colors = createColors(!env.NO_COLOR && (Boolean(env.FORCE_COLOR) || live))
  return {
    out: (text) => void stdout.write(`${text}\n`),
    err: (text) => void stderr.write(`${text}\n`),
    live,
    get columns() {
      return stdout.columns || 100
    },
    get rows() {
      return stdout.rows || 24
    },
    colors,
    cwd: process.cwd(),
    program: programName(env),
    signal,
  }
}
