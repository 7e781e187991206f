/** Counters that threads sleep on. They wrap around at 2^32. */
export type Counters = Int32Array<SharedArrayBuffer>

/** Counts one more, and wakes who waits for it. */
export function count(counters: Counters, index: number): void {
  Atomics.add(counters, index, 1)
  Atomics.notify(counters, index)
}

/** Sleeps until somebody has counted to `target`; false if nobody counted for `limit` milliseconds. */
export function waitFor(counters: Counters, index: number, target: number, limit = Infinity): boolean {
  for (;;) {
    const reached = Atomics.load(counters, index)
    if (((target - reached) | 0) <= 0) return true
    if (Atomics.wait(counters, index, reached, limit) === 'timed-out') return false
  }
}
