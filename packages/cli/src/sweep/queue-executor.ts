import { join } from 'node:path'
import type { Execute, Registry, RunNews, SweepFolder } from '@pilotjs/experiment'
import { codeVersions, fencesIn, unpackRun } from '@pilotjs/experiment'
import type { StateStore } from '@pilotjs/s3-state'
import type { OrderState, SweepQueue } from '@pilotjs/sweep-queue'

export interface QueueExecutorOptions {
  readonly registry: Registry
  readonly state: OrderState
  /** Where states lie that are not in a folder which all see. */
  readonly store?: StateStore
}

/**
 * Computes runs on whatever workers a queue has. A worker's answer that is more than what lies in a shared folder, and what it
 * has put into a store, comes to the sweep's folder.
 */
export function queueExecutor(
  queue: SweepQueue,
  folder: Pick<SweepFolder, 'path' | 'mark'>,
  { registry, state, store }: QueueExecutorOptions,
): Execute {
  return async (run, { signal, onNews }) => {
    const own = join(folder.path, run.folder)
    const stored = queue.nameOf(run, folder.mark)
    const bring = async () => {
      await store!.fetch(stored, own)
      await store!.forget(stored)
    }
    // A worker came to the end of it while nobody was there to take it.
    if ((await store?.find(stored))?.complete) return bring()
    const versions = await codeVersions(run, registry)
    const terms = async () => ({
      out: folder.path,
      mark: folder.mark,
      versions,
      state,
      // A queue that has forgotten counts from 1 again: its workers are to be above those that are still at it.
      fence: Math.max(0, (await store?.find(stored))?.fence ?? 0, ...(await fencesIn(own))),
    })
    const { files } = await queue.send(run, terms, { signal, onNews: (news) => onNews?.(news as unknown as RunNews) })
    if (store) await bring()
    else if (files !== undefined) await unpackRun(files, own)
  }
}
