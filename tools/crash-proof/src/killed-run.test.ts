import { expect, it } from 'vitest'
import { killedRun } from './killed-run'

// A task that trains and rehearses, and one that only computes.
it.each([
  ['icarl', ['--train-per-class', '1', '--set', 'epochs=2', '--set', 'baseEpochs=1', '--set', 'memorySize=100']],
  ['simplecil', []],
])('%s comes to the same bytes when it is killed in the middle of a task', async (method, flags) => {
  expect((await killedRun(method, flags)).files).toBeGreaterThan(4)
})
