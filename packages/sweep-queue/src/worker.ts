import { setTimeout as pause } from 'node:timers/promises'
import type { Job } from 'bullmq'
import { UnrecoverableError, WaitingError, Worker } from 'bullmq'
import type { RedisAddress } from './connection'
import { connect, isFull } from './connection'
import { QueueError, messageOf } from './queue-error'
import type { Answer, News, Order, QueuedRun } from './queued-run'
import { PREFIX, QUEUE } from './queued-run'

/** How a run is computed for a worker. */
export interface WorkOptions {
  /** Counted up each time that the run is given out: whoever has a higher one has taken over. */
  readonly fence: number
  /** Aborted when the worker stops, or when the run was given to another. */
  readonly signal: AbortSignal
  onNews(news: News): void
}

export interface WorkerOptions<Run extends QueuedRun> extends RedisAddress {
  /** What this machine is called in news. */
  readonly name: string
  /** Runs at the same time. */
  readonly jobs: number
  readonly signal?: AbortSignal
  /** Why this worker cannot do such orders at all, where it cannot: it gives the run back and stops. */
  unfit(order: Order<Run>): Promise<string | undefined>
  /** Computes a run. @returns what comes of it, beside what lies in its folder */
  compute(order: Order<Run>, options: WorkOptions): Promise<Answer>
  /** Whether another machine may have more luck, or this one later: the run is then tried again, as often as its sweep says. */
  worthRetrying(error: unknown): boolean
  /** Milliseconds for which a run counts as this worker's without a word from it. Default 30 s. */
  readonly lock?: number
  /** Stops after so many milliseconds without a run. Default: never. */
  readonly idle?: number
  /** Milliseconds before a run is given back that failed for a reason of the machine. Default 2 s. */
  readonly rest?: number
  onNote?(message: string): void
  /** Told of every run that begins and ends here. */
  onRun?(run: Run, what: 'begins' | 'done' | 'again' | 'failed' | 'given back', reason?: string): void
}

/** Why a run is left in the middle. */
const LOST = 'another worker has it now, or it was taken out of the queue'

/** A run that stalls more often kills its workers. */
const STALLS = 10

/**
 * Takes runs from the queue and computes them, until the signal is aborted. The run itself belongs in a process of its own: a
 * busy process does not renew its claims, and its runs would be given to others.
 * @throws QueueError `worker-unfit` with the reason, and where there is no Redis
 */
export async function work<Run extends QueuedRun>(options: WorkerOptions<Run>): Promise<void> {
  const { signal, lock = 30_000, rest = 2000 } = options
  const { options: connection, shown, notes } = await connect(options)
  notes.forEach((note) => options.onNote?.(note))
  const stop = new AbortController()
  const stopped = signal ? AbortSignal.any([signal, stop.signal]) : stop.signal
  let active = 0
  let idleSince = performance.now()

  const giveBack = async (job: Job, token: string): Promise<never> => {
    await job.moveToWait(token)
    throw new WaitingError()
  }
  const compute = async (job: Job<Order<Run>, Answer>, token: string, lost: AbortSignal): Promise<Answer> => {
    const order = job.data
    const reason = await options.unfit(order)
    if (reason !== undefined) {
      stop.abort(new QueueError('worker-unfit', reason))
      return giveBack(job, token)
    }
    if (stopped.aborted) return giveBack(job, token)
    const tell = teller(job, options)
    options.onRun?.(order.run, 'begins')
    try {
      const answer = await options.compute(order, {
        fence: order.fence + job.attemptsStarted,
        signal: AbortSignal.any([stopped, lost]),
        onNews: tell.news,
      })
      await tell.end()
      options.onRun?.(order.run, 'done')
      return answer
    } catch (error) {
      await tell.end()
      if (lost.aborted) {
        options.onRun?.(order.run, 'given back', LOST)
        throw error
      }
      if (stopped.aborted) {
        options.onRun?.(order.run, 'given back')
        return giveBack(job, token)
      }
      const why = `${messageOf(error)} (${options.name})`
      if (!options.worthRetrying(error)) {
        options.onRun?.(order.run, 'failed', why)
        throw new UnrecoverableError(why)
      }
      options.onRun?.(order.run, 'again', why)
      await job.updateProgress({ kind: 'again', reason: why }).catch(() => undefined)
      await pause(rest, undefined, { signal: stopped }).catch(() => undefined)
      throw new Error(why, { cause: error })
    }
  }

  const worker = new Worker<Order<Run>, Answer>(
    QUEUE,
    async (job, token, lost) => {
      active++
      try {
        return await compute(job, token!, lost!)
      } finally {
        active--
        idleSince = performance.now()
      }
    },
    {
      connection,
      prefix: PREFIX,
      concurrency: options.jobs,
      lockDuration: lock,
      stalledInterval: lock,
      maxStalledCount: STALLS,
      name: options.name,
      autorun: false,
    },
  )
  worker.on('lockRenewalFailed', (jobs) => jobs.forEach((id) => worker.cancelJob(id, LOST)))
  let told = ''
  worker.on('error', (error) => {
    const text = messageOf(error)
    if (text === told || /could not renew lock|Missing (lock|key)/.test(text)) return
    told = text
    options.onNote?.(`the queue (${shown}): ${text}`)
  })
  const timer = setInterval(() => {
    const { idle } = options
    if (idle !== undefined && active === 0 && performance.now() - idleSince > idle) stop.abort(IDLE)
  }, 250)
  const running = worker.run()
  try {
    await new Promise<void>((resolve, reject) => {
      stopped.addEventListener('abort', () => resolve())
      if (stopped.aborted) resolve()
      running.catch(reject)
    })
  } finally {
    clearInterval(timer)
    // Waits for the runs that are given back.
    await worker.close()
  }
  if (stop.signal.aborted && stop.signal.reason !== IDLE) throw stop.signal.reason as Error
}

const IDLE = new Error('nothing to do')

/** Sends news one after the other. A queue that does not take them is none of the run's business. */
function teller(job: Job, { name, onNote }: Pick<WorkerOptions<QueuedRun>, 'name' | 'onNote'>) {
  let sending: Promise<unknown> = Promise.resolve()
  let held: News | undefined
  let busy = false
  let complained = false
  const send = (news: News) => {
    busy = true
    sending = job
      .updateProgress(news.kind === 'begun' ? { ...news, on: name } : { ...news })
      .catch((error: unknown) => {
        if (complained) return
        complained = true
        onNote?.(
          isFull(error)
            ? "the queue's Redis is full: news of runs are lost"
            : `news of a run are lost: ${messageOf(error)}`,
        )
      })
      .finally(() => {
        busy = false
        const next = queue.shift() ?? held
        if (next === held) held = undefined
        if (next) send(next)
      })
  }
  const queue: News[] = []
  return {
    news(news: News) {
      if (!busy) send(news)
      // Of progress the newest is enough; everything else is told in its order.
      else if (news.kind === 'progress') held = news
      else queue.push(news)
    },
    async end() {
      held = undefined
      while (busy || queue.length > 0) await sending
    },
  }
}
