import { expect, it } from 'vitest'
import { prove } from './prove'

/** `npm run prove`: 24 runs, three workers; six of them killed in the middle of a run, Redis and the sweep itself, too. */
it('comes to the same bytes, whatever is killed', async () => {
  const sweep = [
    ...['--methods', 'simplecil,knn', '--seeds', '1,2,3,4,5,6', '--increment', '10,20'],
    ...['--train-per-class', '1', '--test-per-class', '1'],
  ]
  const proof = await prove({ sweep, runs: 24, workers: 3, kills: 6, crash: true, killSweep: true, state: 'shared' })
  console.log(proof)
  expect(proof.killed).toBe(6)
  expect(proof.goneOn).toBeGreaterThan(0)
})
