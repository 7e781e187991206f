import { availableParallelism, freemem } from 'node:os'

/** What a run takes beside what belongs to its backbone, bytes: Node, an engine, images. */
const BASE = 2 ** 30
/**
 * Copies of a backbone's weights that training all of it holds: weights, gradients, the optimizer's two moments, and as much
 * again.
 */
const COPIES = 8

export interface Resources {
  /** Runs at the same time. */
  readonly jobs: number
  /** Threads each computes with. */
  readonly threads: number
}

export interface Machine {
  readonly cores: number
  /** Bytes that are free. */
  readonly memory: number
}

/** What this machine, or the container that this process is in, has left. */
export function machine(): Machine {
  const limit = process.constrainedMemory()
  // Without a limit the answer is 0, or a number that no machine has.
  const limited = limit > 0 && limit < 2 ** 50 ? Math.max(0, limit - process.memoryUsage.rss()) : Infinity
  return { cores: availableParallelism(), memory: Math.min(freemem(), limited) }
}

/**
 * How many runs go on at the same time, and with how many threads: a thread for each core in all, since one thread a run loses
 * nothing to waiting for others; fewer runs where memory does not hold as many.
 * @param asked `--jobs`: taken as it is
 */
export function shareOut(
  runs: number,
  backboneBytes: number,
  { cores, memory }: Machine = machine(),
  asked?: number,
): Resources {
  const fit = Math.floor((0.8 * memory) / (BASE + COPIES * backboneBytes))
  const jobs = Math.min(asked ?? Math.max(1, Math.min(cores, fit)), Math.max(1, runs))
  return { jobs, threads: Math.max(1, Math.floor(cores / jobs)) }
}
