/** Workers as a cluster is asked for them. */
export interface ClusterWorkers {
  /** What they are called: letters, digits and hyphens. */
  readonly name: string
  /** How many. */
  readonly count: number
  /** Runs at the same time on each. */
  readonly jobs: number
  /** Cores of each. */
  readonly cores: number
  /** Memory of each, GiB. */
  readonly memory: number
  /** Seconds without a run after which a worker ends. */
  readonly idle: number
  /** The sweep's folder, which every worker sees. */
  readonly out: string
}

/** The words that start a worker, its queue from the environment: no password stands in a file. */
export const workerWords = ({ jobs, idle, out }: ClusterWorkers): string[] => [
  ...['pilot', 'worker', '--jobs', String(jobs), '--idle', String(idle), '--out', out],
]

/** @throws RangeError for what no cluster takes */
export function requireSane({ name, count, jobs, cores, memory, idle }: ClusterWorkers): void {
  if (!/^[a-z0-9]([a-z0-9-]{0,50}[a-z0-9])?$/.test(name))
    throw new RangeError(`"${name}" is no name for workers: small letters, digits and hyphens, 52 at most`)
  for (const [what, value] of Object.entries({ count, jobs, cores, memory, idle }))
    if (!Number.isInteger(value) || value < 1) throw new RangeError(`${what} of workers is ${value}, and at least 1`)
}
