import { relative } from 'node:path'
import { markOf, runsIn } from '@pilotjs/experiment'
import type { RedisAddress } from '@pilotjs/sweep-queue'
import { counted } from '../terminal/marks'
import { oneLine } from '../terminal/harmless'
import type { Terminal } from '../terminal/terminal'
import { UsageError } from '../usage-error'
import { loadSweepQueue } from './load-sweep-queue'

/**
 * `pilot sweep --cancel`: takes the runs of the sweep in a folder out of the queue and away from workers. What is saved stays.
 * @throws UsageError where there is no queue, or no sweep in the folder
 */
export async function cancelSweep(out: string, address: RedisAddress | undefined, terminal: Terminal): Promise<void> {
  if (address === undefined)
    throw new UsageError(
      '--cancel needs the queue of the sweep: --queue redis://…, or PILOT_QUEUE; elsewhere press Ctrl-C',
    )
  const place = relative(terminal.cwd, out) || '.'
  const mark = await markOf(out)
  const runs = await runsIn(out)
  if (mark === undefined || runs === undefined)
    throw new UsageError(`there is no sweep in ${oneLine(place)}; --out says where it is`)
  const { openSweepQueue } = await loadSweepQueue()
  const queue = await openSweepQueue({ ...address, onNote: (message) => terminal.err(oneLine(message)) })
  try {
    const { waiting, begun } = await queue.cancel(runs, mark)
    terminal.err(
      `${counted(waiting, 'run')} of ${oneLine(place)} taken out of the queue, ${counted(begun, 'run')} away from workers; ` +
        'what is saved stays, and the same sweep goes on from there',
    )
  } finally {
    await queue.close()
  }
}
