import { expect, it } from 'vitest'
import { hasOpenssl, hasRedis } from '../../../packages/sweep-queue/src/__fixtures__/redis-server'
import { hasS3 } from '../../../packages/s3-state/src/__fixtures__/s3-server'
import { prove } from './prove'

const small = ['--train-per-class', '1', '--test-per-class', '1', '--increment', '25']

const leftOut = 'a sweep over workers that are killed, beside the same sweep alone'
it.skipIf(!hasRedis(leftOut) || !hasOpenssl(leftOut))(
  'comes to the same bytes when a worker is killed in the middle of a run and Redis crashes, over TLS and with wrong clocks',
  async () => {
    const sweep = ['--methods', 'simplecil,l2p', ...small, '--set', 'l2p.epochs=1']
    const how = { crash: true, killSweep: false, tls: true, clocks: [5, -7], state: 'shared' as const }
    const proof = await prove({ sweep, runs: 2, workers: 1, kills: 1, ...how })
    expect(proof).toMatchObject({ killed: 1, goneOn: 1 })
  },
)

const servers = [
  hasRedis('a sweep whose states lie in a bucket, over workers that are killed'),
  hasS3('a sweep whose states lie in a bucket, over workers that are killed'),
]
it.skipIf(servers.includes(false))(
  'comes to the same bytes where workers share no folder, but a bucket, and Redis forgets',
  async () => {
    const sweep = ['--methods', 'l2p', ...small, '--set', 'l2p.epochs=1']
    const how = { crash: false, forgets: true, killSweep: false, state: 's3' as const }
    expect(await prove({ sweep, runs: 1, workers: 1, kills: 1, ...how })).toMatchObject({ killed: 1, goneOn: 1 })
  },
)
