import { expect, it } from 'vitest'
import { eventsOf } from './events'

it('gives what work tells, in order, and at the end what it came to', async () => {
  const events = eventsOf<number, string>(async (emit) => {
    void emit(1)
    await Promise.resolve()
    await emit(2)
    return 'done'
  })
  const seen: unknown[] = []
  for (let next = await events.next(); ; next = await events.next()) {
    seen.push(next.value)
    if (next.done) break
  }
  expect(seen).toEqual([1, 2, 'done'])
})

it('lets the work wait until an event is dealt with', async () => {
  const order: string[] = []
  const events = eventsOf<string, undefined>(async (emit) => {
    await emit('a')
    order.push('went on')
    return undefined
  })
  for await (const event of events) {
    await Promise.resolve()
    order.push(event)
  }
  expect(order).toEqual(['a', 'went on'])
})

it('stops the work, and waits for it, when the loop is left', async () => {
  let stopped: unknown
  const events = eventsOf<number, undefined>(async (emit, signal) => {
    try {
      for (let i = 0; ; i++) {
        signal.throwIfAborted()
        await emit(i)
      }
    } catch (error) {
      stopped = error
      throw error
    }
  })
  for await (const event of events) if (event === 3) break
  expect(stopped).toEqual(new Error('nobody listens any more'))
})

it('throws what the work throws, after all that was told', async () => {
  const seen: number[] = []
  const loop = async () => {
    const events = eventsOf<number, undefined>((emit) => {
      void emit(1)
      return Promise.reject(new Error('wrong'))
    })
    for await (const event of events) seen.push(event)
  }
  await expect(loop()).rejects.toThrow('wrong')
  expect(seen).toEqual([1])
})

it('stops by the signal it is given', async () => {
  const stop = new AbortController()
  const events = eventsOf<number, undefined>(async (emit, signal) => {
    await emit(1)
    signal.throwIfAborted()
    return undefined
  }, stop.signal)
  const loop = async () => {
    for await (const event of events) if (event === 1) stop.abort(new Error('enough'))
  }
  await expect(loop()).rejects.toThrow('enough')
})
