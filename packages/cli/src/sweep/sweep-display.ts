import type { SweepEvent, SweepRun } from '@pilotjs/experiment'

/** Shows how the runs of a sweep go on. */
export interface SweepDisplay {
  /** Something is checked or fetched before the first run. */
  preparing(what: string): void
  /** @param how it is computed: `2 at a time, 1 thread each` */
  begin(runs: readonly SweepRun[], how: string): void
  event(event: SweepEvent): void
  /** Something that concerns all of them. */
  note(message: string): void
  /** Nothing more comes; what is on the screen stays. */
  close(): void
}
