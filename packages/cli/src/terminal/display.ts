import type { LearnEvent, RunMetrics } from '@pilotjs/experiment'
import type { EarlierTask } from './run-progress'

/** Shows runs as they go on, one after the other. */
export interface Display {
  /** Something is fetched or looked through before a run. */
  preparing(what: string, done: number, total: number): void
  /** @param earlier tasks that an earlier process finished */
  begin(run: string, earlier: readonly EarlierTask[]): void
  event(run: string, event: LearnEvent): void
  end(run: string, metrics: RunMetrics): void
  fail(run: string, message: string): void
  /** Nothing more comes; what is on the screen stays. */
  close(): void
}
