import { createHash } from 'node:crypto'
import { Queue, QueueEvents } from 'bullmq'
import { Redis } from 'ioredis'
import type { Connection, RedisAddress } from './connection'
import { connect, isFull } from './connection'
import { QueueError, messageOf } from './queue-error'
import type { Answer, News, Order, QueuedRun } from './queued-run'
import { PREFIX, QUEUE } from './queued-run'

export interface SweepQueueOptions extends RedisAddress {
  /** Lower comes first, from 1; without one a run comes before all that have one. */
  readonly priority?: number
  /** How often a run is begun again that failed for a reason of its machine. Default 3. */
  readonly retries?: number
  /** Milliseconds between two looks whether the queue still has what it was given. Default 10 s. */
  readonly lookEvery?: number
  /** Told what one should know. */
  onNote?(message: string): void
}

/** What an order says beside the run. */
export type OrderTerms = Omit<Order, 'run'>

export interface SendOptions {
  readonly signal?: AbortSignal
  onNews?(news: News): void
}

/** Sends runs to workers and hears of them. */
export interface SweepQueue {
  readonly shown: string
  /** What a run of a sweep's folder is called. */
  nameOf(run: Pick<QueuedRun, 'id'>, mark: string): string
  /**
   * Puts a run into the queue, where it is not there yet, and waits for its end.
   * @returns what the worker answered
   * @throws QueueError `run-failed` with the worker's reason, `queue-full`; the signal's reason: the run stays in the queue then
   */
  send<Run extends QueuedRun>(run: Run, terms: () => Promise<OrderTerms>, options?: SendOptions): Promise<Answer>
  /**
   * Takes runs out that no worker has begun, and takes away from workers those that they have: they notice within half of their
   * lock's time, and stop. What is saved stays. Whoever waits for one of them hears of it.
   * @returns how many of either kind there were
   */
  cancel(runs: readonly Pick<QueuedRun, 'id'>[], mark: string): Promise<{ waiting: number; begun: number }>
  close(): Promise<void>
}

interface Waiting {
  readonly add: () => Promise<void>
  readonly resolve: (answer: Answer) => void
  readonly reject: (error: Error) => void
  readonly onNews?: (news: News) => void
}

/** What those hear who wait for a run that was taken out. */
const CANCELLED = 'it was taken out of the queue'

/** Jobs that are looked for at a time; all of them only where one was missing. */
const SAMPLE = 100

/** @throws QueueError where there is no Redis that can be used */
export async function openSweepQueue(options: SweepQueueOptions): Promise<SweepQueue> {
  const connection = await connect(options)
  connection.notes.forEach((note) => options.onNote?.(note))
  const queue = new Queue(QUEUE, { connection: connection.options, prefix: PREFIX })
  const events = new QueueEvents(QUEUE, { connection: connection.options, prefix: PREFIX })
  const problems = problemNotes(connection, options)
  queue.on('error', problems)
  events.on('error', problems)
  await events.waitUntilReady()

  const waiting = new Map<string, Waiting>()
  const settle = (id: string, end: (own: Waiting) => void) => {
    const own = waiting.get(id)
    waiting.delete(id)
    if (own) end(own)
  }
  events.on('completed', ({ jobId, returnvalue }) =>
    settle(jobId, ({ resolve }) => resolve((returnvalue as unknown as Answer | null) ?? {})),
  )
  events.on('failed', ({ jobId, failedReason }) =>
    settle(jobId, ({ reject }) => reject(new QueueError('run-failed', failedReason))),
  )
  events.on('progress', ({ jobId, data }) => waiting.get(jobId)?.onNews?.(data as News))
  events.on('stalled', ({ jobId }) => waiting.get(jobId)?.onNews?.({ kind: 'again', reason: 'its worker fell silent' }))

  /** A Redis that was emptied, or lost what it had not written: what is missing is put in again. */
  const look = async () => {
    const ids = [...waiting.keys()]
    const sample = ids.length > SAMPLE ? shuffled(ids).slice(0, SAMPLE) : ids
    if (!(await missing(sample))) return
    for (const id of ids) if (waiting.has(id) && (await queue.getJob(id)) === undefined) await waiting.get(id)?.add()
  }
  const missing = async (ids: readonly string[]) => {
    for (const id of ids) if (waiting.has(id) && (await queue.getJob(id)) === undefined) return true
    return false
  }
  let looking = false
  const timer = setInterval(() => {
    if (looking) return
    looking = true
    void look()
      .catch(problems)
      .finally(() => (looking = false))
  }, options.lookEvery ?? 10_000)

  return {
    shown: connection.shown,
    nameOf: jobName,
    async send(run, terms, { signal, onNews } = {}) {
      signal?.throwIfAborted()
      const order: Order = { run, ...(await terms()) }
      const jobId = jobName(run, order.mark)
      const answer = new Promise<Answer>((resolve, reject) => {
        const add = async () => {
          const now: Order = { run, ...(await terms()) }
          await queue.add(run.label, now, {
            jobId,
            // Without a pause between attempts: it would be told by the clock of a worker, which may be hours off.
            attempts: 1 + (options.retries ?? 3),
            priority: options.priority,
            // What comes of it is heard, and lies in the run's folder: nothing piles up in Redis.
            removeOnComplete: true,
            removeOnFail: true,
          })
        }
        waiting.set(jobId, { add, resolve, reject, onNews })
        signal?.addEventListener('abort', () => settle(jobId, () => reject(signal.reason as Error)))
      })
      answer.catch(() => undefined)
      try {
        await waiting.get(jobId)?.add()
      } catch (error) {
        settle(jobId, () => undefined)
        throw isFull(error) ? full(connection, error) : error
      }
      return answer
    },
    async cancel(runs, mark) {
      const found = { waiting: 0, begun: 0 }
      const client = new Redis({ ...(connection.options as object) })
      client.on('error', problems)
      for (const run of runs) {
        const id = jobName(run, mark)
        const job = await queue.getJob(id)
        if (job === undefined) continue
        // Who looks on must not put it in again, which its end would have made them do.
        await client.xadd(queue.keys.events!, '*', 'event', 'failed', 'jobId', id, 'failedReason', CANCELLED)
        found[(await job.isActive()) ? 'begun' : 'waiting']++
        // A job is its worker's as long as this stands.
        await client.del(`${queue.toKey(id)}:lock`)
        await queue.remove(id)
      }
      client.disconnect()
      return found
    },
    async close() {
      clearInterval(timer)
      await events.close().catch(() => undefined)
      await queue.close().catch(() => undefined)
    },
  }
}

/** The same run of the same sweep's folder is one job, however often it is sent. */
export const jobName = ({ id }: Pick<QueuedRun, 'id'>, mark: string): string =>
  `${createHash('sha256').update(mark).digest('hex').slice(0, 12)}-${id}`

const full = ({ shown }: Connection, cause: unknown) =>
  new QueueError(
    'queue-full',
    `the queue's Redis (${shown}) is full: give it more memory (maxmemory), or send fewer runs`,
    {},
    { cause },
  )

/** Tells of a connection that is lost, once until it is back; BullMQ tries again by itself. */
function problemNotes({ shown }: Connection, { onNote }: SweepQueueOptions) {
  let told = ''
  return (error: unknown) => {
    const reason = messageOf(error) || 'no connection'
    if (reason === told) return
    told = reason
    onNote?.(`the queue (${shown}) does not answer, and is tried again: ${reason}`)
  }
}

function shuffled<T>(values: readonly T[]): T[] {
  const mixed = [...values]
  for (let i = mixed.length - 1; i > 0; i--) {
    const j = Math.floor(Math.random() * (i + 1))
    ;[mixed[i], mixed[j]] = [mixed[j]!, mixed[i]!]
  }
  return mixed
}
