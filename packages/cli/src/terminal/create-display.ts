import type { Display } from './display'
import { liveDisplay } from './live-display'
import { plainDisplay } from './plain-display'
import type { Terminal } from './terminal'

/** Redrawn in place on a terminal, plain lines in a pipe or log. @param runs all that will come, in order */
export const createDisplay = (terminal: Terminal, runs: readonly string[]): Display =>
  terminal.live ? liveDisplay(terminal, runs) : plainDisplay(terminal, runs)
