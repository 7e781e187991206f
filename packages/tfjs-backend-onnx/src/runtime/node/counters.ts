/** Counters that threads sleep on. They wrap around at 2^32. */
export type Counters = Int32Array<SharedArrayBuffer>

/** Counts one more, and wakes who waits for it. */
export function count(counters: Counters, index: number): void {
  Atomics.add(counters, index, 1)
  Atomics.notify(counters, index)
}

/** Milliseconds of sleep after which it is asked whether waiting makes sense. */
const nap = 250

/**
 * Sleeps until somebody has counted to `target`.
 * @param check called every now and then; throws where nobody will
 */
export function waitFor(counters: Counters, index: number, target: number, check: () => void): void {
  for (;;) {
    const reached = Atomics.load(counters, index)
    if (((target - reached) | 0) <= 0) return
    if (Atomics.wait(counters, index, reached, nap) === 'timed-out') check()
  }
}

/** Sleeps until a counter is not `seen` any more, or for a nap. */
export function sleep(counters: Counters, index: number, seen: number): void {
  Atomics.wait(counters, index, seen, nap)
}
