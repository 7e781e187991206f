import { hostname } from 'node:os'
import { resolve } from 'node:path'
import { PilotError } from '@pilotjs/core'
import { cacheFolder } from '@pilotjs/download'
import type { AnyExperimentError, SweepRun } from '@pilotjs/experiment'
import {
  childExecutor,
  codeVersions,
  isExperimentError,
  machine,
  markOf,
  otherVersions,
  shareOut,
} from '@pilotjs/experiment'
import type { StateStore } from '@pilotjs/s3-state'
import type { Order } from '@pilotjs/sweep-queue'
import { bundledPackages, registryOf } from '../registry'
import { computeOrder } from '../sweep/compute-order'
import { isStored, loadStateStore } from '../sweep/load-state-store'
import type { QueueFlags } from '../sweep/load-sweep-queue'
import { loadSweepQueue, queueAddress } from '../sweep/load-sweep-queue'
import { oneLine } from '../terminal/harmless'
import { counted } from '../terminal/marks'
import type { Terminal } from '../terminal/terminal'
import { UsageError } from '../usage-error'

/** What `pilot worker` can be told. */
export interface WorkerFlags extends QueueFlags {
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
  const address = await queueAddress(flags, terminal.cwd)
  if (address === undefined) throw new UsageError('a worker needs a queue: --queue redis://HOST:6379, or PILOT_QUEUE')
  const { addressOf, jobName, work } = await loadSweepQueue()
  const { shown } = addressOf(address)
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
  const stores = new Map<string, StateStore>()
  const store = async ({ state }: Order) => {
    const found = stores.get(state) ?? (await loadStateStore()).openStateStore(state)
    stores.set(state, found)
    return found
  }

  const unfit = async (order: Order<SweepRun>): Promise<string | undefined> => {
    const { run, versions, mark, state } = order
    const here = await codeVersions(run, registry).catch(() => undefined)
    const others = here ? otherVersions(versions, here) : []
    if (others.length > 0)
      return `this worker has other code than the sweep that asks for ${run.label}: ${others.join('; ')}. Install the same versions`
    if (state === 'anew' || seen.has(mark)) return undefined
    if (isStored(state)) {
      const reason = await store(order)
        .then((found) => found.check())
        .then(() => seen.add(mark))
        .catch(messageOf)
      return typeof reason === 'string'
        ? `this worker cannot use the store of the sweep's states: ${reason}`
        : undefined
    }
    if ((await markOf(place(order))) === mark) {
      seen.add(mark)
      return undefined
    }
    return (
      `this worker does not see the sweep's folder in ${place(order)}: --out says where it is here; ` +
      'without one, begin the sweep with --state anew, or --state s3://BUCKET'
    )
  }

  say(`worker ${name}: ${jobs} at a time with ${counted(threads, 'thread')} each, queue ${shown}`)
  await work<SweepRun>({
    ...address,
    name,
    jobs,
    signal: terminal.signal,
    lock: flags.lock === undefined ? undefined : 1000 * flags.lock,
    idle: flags.idle === undefined ? undefined : 1000 * flags.idle,
    unfit,
    compute: computeOrder({ execute, place, store, name: ({ run, mark }) => jobName(run, mark) }),
    worthRetrying: (error) =>
      (isExperimentError(error) && ofTheMachine.has(error.code)) ||
      (error instanceof PilotError && error.code === 'state-unreachable'),
    onNote: say,
    onRun: (run, what, reason) => say(`${run.label}  ${what}${reason === undefined ? '' : `: ${reason}`}`),
  })
}

const messageOf = (error: unknown) => (error instanceof Error ? error.message : String(error))

/** Bytes of a ViT-B/16. */
const VIT_BASE = 86e6 * 4
