/** How long something is done in a row before the event loop gets its turn. */
const sliceMilliseconds = 8

/**
 * For long work in small steps: what it gives is awaited before each step, and lets the event loop have its turn when a slice of a
 * few milliseconds is used up.
 */
export function timeSlices(now: () => number = () => performance.now()): () => Promise<void> | undefined {
  let end = 0
  return () => {
    if (now() < end) return undefined
    return new Promise((resolve) => {
      setTimeout(() => {
        end = now() + sliceMilliseconds
        resolve()
      })
    })
  }
}
