let last: Promise<unknown> = Promise.resolve()

/** Runs a piece of work after all that were given here before, in this thread. */
export function inTurn<T>(work: () => Promise<T>): Promise<T> {
  const done = last.then(work)
  last = done.catch(() => undefined)
  return done
}
