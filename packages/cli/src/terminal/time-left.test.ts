import { describe, expect, it } from 'vitest'
import { timeLeft } from './time-left'

const at = (tasks: number, learned = 0, scored = 0, elapsed = 0) => ({ tasks, learned, scored, elapsed })

describe('timeLeft', () => {
  it('says nothing while the first task goes on: what follows may be another matter', () => {
    expect(timeLeft([], at(10, 0.5, 0, 60))).toBeUndefined()
  })

  it('does not take later tasks for the first', () => {
    // A method that trains in the first task alone: 100 s, then 2 s a task, each scored in 1 s.
    const finished = [
      { learnSeconds: 100, scoreSeconds: 1 },
      { learnSeconds: 2, scoreSeconds: 1 },
    ]
    expect(timeLeft(finished, at(10))).toBeCloseTo(8 * 3, 6)
  })

  it('takes the second task from how far it has come', () => {
    const finished = [{ learnSeconds: 100, scoreSeconds: 0 }]
    expect(timeLeft(finished, at(3))).toBeUndefined()
    expect(timeLeft(finished, at(3, 0.5, 0, 10))).toBeCloseTo(10 + 20, 6)
  })

  it('lets scoring grow with the test images seen', () => {
    const finished = [1, 2, 3].map((scoreSeconds) => ({ learnSeconds: 0, scoreSeconds }))
    expect(timeLeft(finished, at(5))).toBeCloseTo(4 + 5, 6)
    expect(timeLeft(finished, at(5, 1, 0.5))).toBeCloseTo(2 + 5, 6)
  })

  it('ends at nothing', () => {
    expect(timeLeft([{ learnSeconds: 1, scoreSeconds: 1 }], at(1))).toBe(0)
  })
})
