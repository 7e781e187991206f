const noone = () => undefined

/**
 * Turns work that tells what it does into an async iterable of what it tells. `emit` may be awaited: it resolves when whoever
 * iterates has dealt with the event and asks for the next. Leaving the loop early stops the work, and waits until it has stopped.
 * @returns what the work came to. @throws what the work throws
 */
export async function* eventsOf<Event, Result>(
  work: (emit: (event: Event) => Promise<void>, signal: AbortSignal) => Promise<Result>,
  signal?: AbortSignal,
): AsyncGenerator<Event, Result, undefined> {
  const left = new AbortController()
  const told: { readonly event: Event; readonly taken: () => void }[] = []
  let wake: () => void = noone
  let ended = false
  let listening = true
  const emit = (event: Event) =>
    new Promise<void>((taken) => {
      // Work that is stopped may say some last words: it must not wait for somebody to hear them.
      if (!listening) return taken()
      told.push({ event, taken })
      wake()
    })
  const working = work(emit, signal ? AbortSignal.any([signal, left.signal]) : left.signal).finally(() => {
    ended = true
    wake()
  })
  // Whoever iterates hears of a failure at the end of the loop; until then it must not count as unheard of.
  working.catch(() => undefined)
  try {
    for (;;) {
      const next = told[0]
      if (next) {
        yield next.event
        told.shift()!.taken()
      } else if (ended) return await working
      else await new Promise<void>((resolve) => (wake = resolve))
    }
  } finally {
    listening = false
    left.abort(new Error('nobody listens any more'))
    for (const { taken } of told) taken()
    await working.catch(() => undefined)
  }
}
