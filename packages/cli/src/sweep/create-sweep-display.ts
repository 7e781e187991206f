import type { Terminal } from '../terminal/terminal'
import { liveMatrix } from './live-matrix'
import { plainLines } from './plain-lines'
import type { SweepDisplay } from './sweep-display'

/** A matrix that is redrawn in place on a terminal, plain lines in a pipe or log. */
export const createSweepDisplay = (terminal: Terminal): SweepDisplay =>
  terminal.live ? liveMatrix(terminal) : plainLines(terminal)
