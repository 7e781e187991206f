import { Redis } from 'ioredis'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { TestRedis } from './__fixtures__/redis-server'
import { hasRedis, testRedis } from './__fixtures__/redis-server'
import { QueueError } from './queue-error'
import type { News, QueuedRun } from './queued-run'
import { PREFIX, QUEUE } from './queued-run'
import type { SweepQueue, SweepQueueOptions } from './sweep-queue'
import { jobName, openSweepQueue } from './sweep-queue'
import type { WorkOptions, WorkerOptions } from './worker'
import { work } from './worker'

const MARK = 'this folder'
const terms = () =>
  Promise.resolve({ out: '/out', mark: MARK, versions: { core: '1' }, state: 'shared' as const, fence: 10 })
const run = (id: string): QueuedRun => ({ id, label: `run ${id}` })

describe.skipIf(!hasRedis('tests of the queue on a real Redis'))('runs through a queue', () => {
  let redis: TestRedis
  let direct: Redis
  beforeAll(async () => {
    redis = await testRedis()
    direct = new Redis(redis.url)
    direct.on('error', () => undefined)
  })
  afterAll(async () => {
    direct.disconnect()
    await redis.stop()
  })

  const stop: AbortController[] = []
  const workers: Promise<unknown>[] = []
  let queue: SweepQueue
  const open = async (options: Partial<SweepQueueOptions> = {}) =>
    (queue = await openSweepQueue({ url: redis.url, lookEvery: 200, ...options }))
  beforeEach(() => direct.flushall())
  afterEach(async () => {
    stop.splice(0).forEach((each) => each.abort(new Error('stopped')))
    await Promise.allSettled(workers.splice(0))
    await queue.close()
  })

  /** Starts a worker that computes with `compute`. */
  function worker(
    name: string,
    compute: (id: string, options: WorkOptions) => Promise<object | undefined>,
    options: Partial<WorkerOptions<QueuedRun>> = {},
  ) {
    const own = new AbortController()
    stop.push(own)
    const working = work<QueuedRun>({
      ...{ url: redis.url, name, jobs: 1, signal: own.signal, lock: 1000, rest: 1 },
      unfit: () => Promise.resolve(undefined),
      compute: async (order, how) => (await compute(order.run.id, how)) ?? {},
      worthRetrying: (error) => (error as Error).message.includes('machine'),
      ...options,
    })
    working.catch(() => undefined)
    workers.push(working)
    return { working, stop: () => own.abort(new Error('stopped')) }
  }

  it('come back with what workers answer and tell', async () => {
    await open()
    const news: News[] = []
    const fences: number[] = []
    worker('first', async (id, { fence, onNews }) => {
      fences.push(fence)
      onNews({ kind: 'begun', earlier: [] })
      onNews({ kind: 'progress', task: 0 })
      onNews({ kind: 'scored', task: 0 })
      return { files: `of ${id}` }
    })
    const answers = await Promise.all(
      ['a', 'b'].map((id) => queue.send(run(id), terms, { onNews: (told) => news.push({ id, ...told }) })),
    )
    expect(answers).toEqual([{ files: 'of a' }, { files: 'of b' }])
    expect(fences).toEqual([11, 11])
    expect(news.filter(({ id, kind }) => id === 'a' && kind !== 'progress')).toEqual([
      { id: 'a', kind: 'begun', earlier: [], on: 'first' },
      { id: 'a', kind: 'scored', task: 0 },
    ])
    // Nothing of them is left but the queue's own keys.
    expect(await direct.keys(`${PREFIX}:${QUEUE}:*-a*`)).toEqual([])
  })

  it('that fail tell why and stop no other; what a machine failed is tried again', async () => {
    await open({ retries: 2 })
    const tried: string[] = []
    const news: News[] = []
    worker('poor', (id) => {
      tried.push(id)
      if (id === 'bad') throw new Error('cannot be')
      if (id === 'unlucky' || tried.filter((each) => each === id).length < 3) throw new Error('machine out of order')
      return Promise.resolve(undefined)
    })
    const ends = await Promise.allSettled(
      ['bad', 'patient', 'unlucky'].map((id) => queue.send(run(id), terms, { onNews: (told) => news.push(told) })),
    )
    expect(ends.map((end) => (end.status === 'rejected' ? (end.reason as Error).message : 'done'))).toEqual([
      'cannot be (poor)',
      'done',
      'machine out of order (poor)',
    ])
    expect(['bad', 'patient', 'unlucky'].map((id) => tried.filter((each) => each === id).length)).toEqual([1, 3, 3])
    expect(news).toContainEqual({ kind: 'again', reason: 'machine out of order (poor)' })
  })

  it('go to those with a priority first that have the lowest', async () => {
    await open()
    const order: string[] = []
    const urgent = await openSweepQueue({ url: redis.url, priority: 1 })
    const later = await openSweepQueue({ url: redis.url, priority: 5 })
    const all = [later.send(run('later'), terms), urgent.send(run('urgent'), terms)]
    await until(async () => (await direct.zcard(`${PREFIX}:${QUEUE}:prioritized`)) === 2)
    worker('one', (id) => Promise.resolve(void order.push(id)))
    await Promise.all(all)
    await urgent.close()
    await later.close()
    expect(order).toEqual(['urgent', 'later'])
  })

  it('go on elsewhere when their worker falls silent, with a higher fence, and the first is told to stop', async () => {
    await open()
    const stopped: string[] = []
    const fences: number[] = []
    const asleep = worker('asleep', (_, { signal, fence }) => {
      fences.push(fence)
      // Free again, it may be the one that is given the run.
      if (stopped.length > 0) return Promise.resolve({})
      return new Promise((_resolve, reject) => {
        signal.addEventListener('abort', () => {
          stopped.push('asleep')
          reject(new Error('machine stopped'))
        })
      })
    })
    const news: News[] = []
    const answer = queue.send(run('a'), terms, { onNews: (told) => news.push(told) })
    await until(() => Promise.resolve(fences.length === 1))
    worker('awake', (_, { fence }) => Promise.resolve(void fences.push(fence)))
    // As when no word of the first has come for so long that its claim is over.
    await direct.del(`${PREFIX}:${QUEUE}:${jobName(run('a'), MARK)}:lock`)
    expect(await answer).toEqual({})
    await until(() => Promise.resolve(stopped.length > 0))
    expect(fences).toEqual([11, 12])
    expect(news).toContainEqual({ kind: 'again', reason: 'its worker fell silent' })
    asleep.stop()
  })

  it('are given back by a worker that stops, or that is unfit, which says why', async () => {
    await open()
    const { working } = worker('old', () => Promise.resolve({}), {
      unfit: () => Promise.resolve('this worker has other code'),
    })
    const answer = queue.send(run('a'), terms)
    await expect(working).rejects.toMatchObject({ code: 'worker-unfit', message: 'this worker has other code' })
    let begun = 0
    const leaving = worker('leaving', (_, { signal }) => {
      begun++
      return new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(new Error('stopped'))))
    })
    await until(() => Promise.resolve(begun === 1))
    leaving.stop()
    await leaving.working
    worker('third', () => Promise.resolve({ files: 'third' }))
    expect(await answer).toEqual({ files: 'third' })
  })

  it('are put in again where Redis has forgotten them, and come through a crash of one that has not', async () => {
    await open()
    const answer = queue.send(run('a'), terms)
    await until(async () => (await direct.llen(`${PREFIX}:${QUEUE}:wait`)) === 1)
    await direct.flushall()
    await until(async () => (await direct.llen(`${PREFIX}:${QUEUE}:wait`)) === 1)
    await redis.crash()
    await redis.start()
    worker('late', () => Promise.resolve({ files: 'late' }))
    expect(await answer).toEqual({ files: 'late' })
  })

  it('are refused by a Redis that is full', async () => {
    await open()
    await direct.config('SET', 'maxmemory', '1')
    try {
      await expect(queue.send(run('a'), terms)).rejects.toMatchObject({
        code: 'queue-full',
        message: `the queue's Redis (redis://127.0.0.1:${redis.port}) is full: give it more memory (maxmemory), or send fewer runs`,
      })
    } finally {
      await direct.config('SET', 'maxmemory', '0')
    }
    expect(new QueueError('queue-full', 'text')).toMatchObject({ name: 'QueueError' })
  })

  it('stay in the queue when whoever sent them leaves, and are taken out on demand', async () => {
    await open()
    const leave = new AbortController()
    const answer = queue.send(run('a'), terms, { signal: leave.signal })
    await until(async () => (await direct.llen(`${PREFIX}:${QUEUE}:wait`)) === 1)
    leave.abort(new Error('gone'))
    await expect(answer).rejects.toThrow('gone')
    expect(await direct.llen(`${PREFIX}:${QUEUE}:wait`)).toBe(1)
    expect(await queue.cancel([run('a'), run('b')], MARK)).toEqual({ waiting: 1, begun: 0 })
    expect(await direct.llen(`${PREFIX}:${QUEUE}:wait`)).toBe(0)
  })

  it('are taken away from a worker that has them, and whoever waits for them hears of it', async () => {
    await open()
    let stopped = false
    const notes: string[] = []
    const busy = (id: string, { signal }: WorkOptions) =>
      id === 'b'
        ? Promise.resolve({})
        : new Promise<undefined>((_resolve, reject) => {
            signal.addEventListener('abort', () => {
              stopped = true
              reject(new Error('stopped'))
            })
          })
    worker('busy', busy, { onNote: (message) => notes.push(message) })
    const answer = expect(queue.send(run('a'), terms)).rejects.toThrow('it was taken out of the queue')
    await until(async () => (await direct.llen(`${PREFIX}:${QUEUE}:active`)) === 1)
    const other = await openSweepQueue({ url: redis.url })
    expect(await other.cancel([run('a')], MARK)).toEqual({ waiting: 0, begun: 1 })
    await other.close()
    await answer
    await until(() => Promise.resolve(stopped))
    // The worker is there for what comes next.
    expect(await queue.send(run('b'), terms)).toEqual({})
    expect(notes).toEqual([])
  })

  it('leave a worker that is told to end when there is nothing to do', async () => {
    await open()
    await expect(worker('brief', () => Promise.resolve({}), { idle: 100 }).working).resolves.toBeUndefined()
  })
})

/** Looks again and again until something is so; the test's own time limit ends it otherwise. */
async function until(holds: () => Promise<boolean>): Promise<void> {
  while (!(await holds())) await new Promise((again) => setTimeout(again, 20))
}
