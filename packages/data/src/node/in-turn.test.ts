import { expect, it } from 'vitest'
import { inTurn } from './in-turn'

it('begins a piece of work when the one before has ended, well or not', async () => {
  const events: string[] = []
  const work = (name: string, fail = false) =>
    inTurn(async () => {
      events.push(`${name} begins`)
      await Promise.resolve()
      events.push(`${name} ends`)
      if (fail) throw new Error(name)
      return name
    })
  const done = await Promise.allSettled([work('a'), work('b', true), work('c')])
  expect(events).toEqual(['a begins', 'a ends', 'b begins', 'b ends', 'c begins', 'c ends'])
  expect(done.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled'])
})
