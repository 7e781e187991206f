import type { ClusterWorkers } from './cluster-workers'
import { requireSane, workerWords } from './cluster-workers'

/**
 * An array job of workers for Slurm, to be given to `sbatch` (https://slurm.schedmd.com/sbatch.html). The queue's address comes
 * from the environment (`PILOT_QUEUE`), which sbatch passes on. A worker that Slurm ends (SIGTERM before the time is up) gives
 * its runs back.
 * @example slurmScript({ name: 'sweep', count: 8, jobs: 2, cores: 8, memory: 16, idle: 300, out: '/scratch/sweep' })
 */
export function slurmScript(workers: ClusterWorkers): string {
  requireSane(workers)
  const { name, count, cores, memory } = workers
  const words = workerWords(workers).map(quoted)
  return `#!/bin/bash
#SBATCH --job-name=${name}
#SBATCH --array=0-${count - 1}
#SBATCH --ntasks=1
#SBATCH --cpus-per-task=${cores}
#SBATCH --mem=${memory}G
#SBATCH --signal=TERM@60
#SBATCH --output=${name}-%A-%a.log
# Before: export PILOT_QUEUE=redis://:PASSWORD@HOST:6379
set -euo pipefail
: "\${PILOT_QUEUE:?the address of the queue is missing}"
exec npx ${words.join(' ')}
`
}

/** A word as a POSIX shell takes it literally. */
const quoted = (word: string): string =>
  /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`
