import { expect, it } from 'vitest'
import { hasRedis } from '../../../packages/sweep-queue/src/__fixtures__/redis-server'
import { prove } from './prove'

const small = ['--train-per-class', '1', '--test-per-class', '1', '--increment', '25']

it.skipIf(!hasRedis('a sweep over workers that are killed, beside the same sweep alone'))(
  'comes to the same bytes when a worker is killed in the middle of a run and Redis crashes',
  async () => {
    const sweep = ['--methods', 'simplecil,l2p', ...small, '--set', 'l2p.epochs=1']
    const proof = await prove({ sweep, runs: 2, workers: 1, kills: 1, crash: true, killSweep: false })
    expect(proof).toMatchObject({ killed: 1, goneOn: 1 })
  },
)
