import { expect, it } from 'vitest'
import { timeSlices } from './time-slices'

it('lets the event loop have its turn when a slice is used up, and only then', async () => {
  let clock = 100
  const turn = timeSlices(() => clock)
  const others = async () => {
    let ran = false
    setTimeout(() => (ran = true))
    await turn()
    return ran
  }
  expect(await others()).toBe(true)
  clock += 5
  expect(await others()).toBe(false)
  clock += 5
  expect(await others()).toBe(true)
  expect(await others()).toBe(false)
})
