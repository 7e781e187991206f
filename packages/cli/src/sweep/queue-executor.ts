import { join } from 'node:path'
import type { Execute, Registry, RunNews, SweepFolder } from '@pilotjs/experiment'
import { codeVersions, fencesIn, unpackRun } from '@pilotjs/experiment'
import type { SweepQueue } from '@pilotjs/sweep-queue'

/**
 * Computes runs on whatever workers a queue has. A worker's answer that is more than what lies in a shared folder is put there.
 */
export function queueExecutor(
  queue: SweepQueue,
  folder: Pick<SweepFolder, 'path' | 'mark'>,
  { registry, state }: { readonly registry: Registry; readonly state: 'shared' | 'anew' },
): Execute {
  return async (run, { signal, onNews }) => {
    const own = join(folder.path, run.folder)
    const versions = await codeVersions(run, registry)
    const terms = async () => ({
      out: folder.path,
      mark: folder.mark,
      versions,
      state,
      // A queue that has forgotten counts from 1 again: its workers are to be above those that are still at it.
      fence: Math.max(0, ...(await fencesIn(own))),
    })
    const { files } = await queue.send(run, terms, { signal, onNews: (news) => onNews?.(news as unknown as RunNews) })
    if (files !== undefined) await unpackRun(files, own)
  }
}
