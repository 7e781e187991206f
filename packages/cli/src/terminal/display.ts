import type { LearnEvent, RunMetrics } from '@pilotjs/experiment'
import { liveDisplay } from './live-display'
import { plainDisplay } from './plain-display'
import type { Terminal } from './terminal'

/** Shows runs as they go on, one after the other. */
export interface Display {
  /** Something is fetched or looked through before a run. */
  preparing(what: string, done: number, total: number): void
  /** @param earlier accuracies of tasks that an earlier process finished */
  begin(run: string, earlier: readonly number[]): void
  event(run: string, event: LearnEvent): void
  end(run: string, metrics: RunMetrics): void
  fail(run: string, message: string): void
  /** Nothing more comes; what is on the screen stays. */
  close(): void
}

/** Redrawn in place on a terminal, plain lines in a pipe or log. @param runs all that will come, in order */
export const createDisplay = (terminal: Terminal, runs: readonly string[]): Display =>
  terminal.live ? liveDisplay(terminal, runs) : plainDisplay(terminal, runs)
