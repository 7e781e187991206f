import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PilotError } from '@pilotjs/core'
import type { Execute, RunNews, SweepRun } from '@pilotjs/experiment'
import { ExperimentError, markOf, packRun } from '@pilotjs/experiment'
import type { StateStore } from '@pilotjs/s3-state'
import type { Answer, Order, WorkOptions } from '@pilotjs/sweep-queue'

/** How a worker computes what it is sent. */
export interface ComputeOrderOptions {
  readonly execute: Execute
  /** Where this machine sees the folder of an order's sweep. */
  place(order: Order<SweepRun>): string
  /** The store that an order's state lies in. */
  store(order: Order<SweepRun>): Promise<StateStore>
  /** What the queue calls an order's run. */
  name(order: Order<SweepRun>): string
}

type Compute = (order: Order<SweepRun>, options: WorkOptions) => Promise<Answer>

/** Computes runs in the folder that all see, or in one of this machine's, from where they are sent or stored. */
export function computeOrder(options: ComputeOrderOptions): Compute {
  return (order, how) => {
    if (order.state === 'shared') return inSharedFolder(options, order, how)
    return inOwnFolder((out) =>
      order.state === 'anew' ? anew(options, out, order, how) : stored(options, out, order, how),
    )
  }
}

const newsTo = ({ onNews }: WorkOptions) => ({
  onNews: (news: RunNews) => onNews(news as unknown as Parameters<WorkOptions['onNews']>[0]),
})

async function inSharedFolder(
  { execute, place }: ComputeOrderOptions,
  order: Order<SweepRun>,
  how: WorkOptions,
): Promise<Answer> {
  const out = place(order)
  if ((await markOf(out)) !== order.mark)
    throw new ExperimentError('folder-not-writable', { folder: out }, `the sweep's folder ${out} has disappeared`)
  const { fence, signal } = how
  await execute(order.run, { out, fence, signal, ...newsTo(how) })
  return {}
}

async function inOwnFolder(act: (out: string) => Promise<Answer>): Promise<Answer> {
  const out = await mkdtemp(join(tmpdir(), 'pilot-worker-'))
  try {
    return await act(out)
  } finally {
    await rm(out, { recursive: true, force: true })
  }
}

/** A worker that dies leaves nothing; what comes of the run goes through the queue. */
async function anew(
  { execute }: ComputeOrderOptions,
  out: string,
  { run }: Order<SweepRun>,
  how: WorkOptions,
): Promise<Answer> {
  await execute(run, { out, signal: how.signal, ...newsTo(how) })
  return { files: await packRun(join(out, run.folder)) }
}

/** Goes on with what is in the store, and puts there what comes of it, task by task. */
async function stored(
  { execute, store, name }: ComputeOrderOptions,
  out: string,
  order: Order<SweepRun>,
  how: WorkOptions,
): Promise<Answer> {
  const { run } = order
  const folder = join(out, run.folder)
  const { onNews } = newsTo(how)
  const own = await (await store(order)).claim(name(order), how.fence)
  if (own.begun) await own.restore(folder)
  await execute(run, {
    out,
    signal: how.signal,
    onNews,
    async onSaved({ complete }) {
      try {
        await own.save(folder, complete)
      } catch (error) {
        // A store that is away for a while costs a task where this worker dies, and no run: the next task is stored again.
        if (complete || !(error instanceof PilotError) || error.code === 'state-taken-over') throw error
        onNews({ kind: 'note', message: `a task is not stored: ${error.message}` })
      }
    },
  })
  return {}
}
