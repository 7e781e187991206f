import { mkdtemp, rm } from 'node:fs/promises'
import { hostname, tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { cacheFolder } from '@pilotjs/download'
import type { AnyExperimentError, SweepRun } from '@pilotjs/experiment'
import {
  ExperimentError,
  childExecutor,
  codeVersions,
  isExperimentError,
  machine,
  markOf,
  otherVersions,
  packRun,
  shareOut,
} from '@pilotjs/experiment'
import type { Order, WorkOptions } from '@pilotjs/sweep-queue'
import { bundledPackages, registryOf } from '../registry'
import { loadSweepQueue, queueAddress } from '../sweep/load-sweep-queue'
import { oneLine } from '../terminal/harmless'
import { counted } from '../terminal/marks'
import type { Terminal } from '../terminal/terminal'
import { UsageError } from '../usage-error'

/** What `pilot worker` can be told. */
export interface WorkerFlags {
  readonly queue?: string
  readonly jobs?: number
  /** Where this machine sees the sweep's folder, if elsewhere than whoever began it. */
  readonly out?: string
  /** Seconds without a run after which it ends. */
  readonly idle?: number
  /** Seconds for which a run counts as a worker's without a word from it. */
  readonly lock?: number
}

/** What may go better on another machine, or later. */
const ofTheMachine: ReadonlySet<AnyExperimentError['code']> = new Set([
  'process-died',
  'run-in-use',
  'not-saved',
  'run-gone',
  'folder-not-writable',
  'other-ingredients',
  'unknown-package',
  'broken-package',
])

/** `pilot worker` */
export async function worker(flags: WorkerFlags, terminal: Terminal): Promise<void> {
  const url = queueAddress(flags.queue)
  if (url === undefined) throw new UsageError('a worker needs a queue: --queue redis://HOST:6379, or PILOT_QUEUE')
  const { addressOf, work } = await loadSweepQueue()
  const { shown } = addressOf(url)
  // A worker does not know yet which backbones come: as large as the largest that is usual.
  const { jobs, threads } = shareOut(Infinity, VIT_BASE, machine(), flags.jobs)
  const name = `${hostname()}, process ${process.pid}`
  const execute = childExecutor({
    cwd: terminal.cwd,
    bundled: bundledPackages(),
    features: cacheFolder('features'),
    threads,
  })
  const say = (text: string) => terminal.err(oneLine(text))
  const registry = registryOf(terminal.cwd)
  const place = ({ out }: Order) => (flags.out === undefined ? out : resolve(terminal.cwd, flags.out))
  /** Folders that this worker has seen: one that disappears comes back, one that was never there does not. */
  const seen = new Set<string>()

  const unfit = async (order: Order<SweepRun>): Promise<string | undefined> => {
    const { run, versions, mark, state } = order
    const here = await codeVersions(run, registry).catch(() => undefined)
    const others = here ? otherVersions(versions, here) : []
    if (others.length > 0)
      return `this worker has other code than the sweep that asks for ${run.label}: ${others.join('; ')}. Install the same versions`
    if (state === 'anew' || seen.has(mark)) return undefined
    if ((await markOf(place(order))) === mark) {
      seen.add(mark)
      return undefined
    }
    return (
      `this worker does not see the sweep's folder in ${place(order)}: --out says where it is here; ` +
      'without one, begin the sweep with --state anew'
    )
  }

  const compute = async (order: Order<SweepRun>, { fence, signal, onNews }: WorkOptions) => {
    const { run, state, mark } = order
    const told = (news: object) => onNews(news as Parameters<WorkOptions['onNews']>[0])
    if (state === 'shared') {
      const out = place(order)
      if ((await markOf(out)) !== mark)
        throw new ExperimentError('folder-not-writable', { folder: out }, `the sweep's folder ${out} has disappeared`)
      await execute(run, { out, fence, signal, onNews: told })
      return {}
    }
    const out = await mkdtemp(join(tmpdir(), 'pilot-worker-'))
    try {
      await execute(run, { out, signal, onNews: told })
      return { files: await packRun(join(out, run.folder)) }
    } finally {
      await rm(out, { recursive: true, force: true })
    }
  }

  say(`worker ${name}: ${jobs} at a time with ${counted(threads, 'thread')} each, queue ${shown}`)
  await work<SweepRun>({
    url,
    name,
    jobs,
    signal: terminal.signal,
    lock: flags.lock === undefined ? undefined : 1000 * flags.lock,
    idle: flags.idle === undefined ? undefined : 1000 * flags.idle,
    unfit,
    compute,
    worthRetrying: (error) => isExperimentError(error) && ofTheMachine.has(error.code),
    onNote: say,
    onRun: (run, what, reason) => say(`${run.label}  ${what}${reason === undefined ? '' : `: ${reason}`}`),
  })
}

/** Bytes of a ViT-B/16. */
const VIT_BASE = 86e6 * 4
