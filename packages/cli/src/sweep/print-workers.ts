import { command } from '../terminal/command-line'
import type { Terminal } from '../terminal/terminal'
import { loadSweepQueue } from './load-sweep-queue'

/** Of each worker, for each run at a time: to be changed in what is printed. */
const CORES = 4
const GIBIBYTES = 4

/** Prints an array job of workers for a cluster, and says how to go on. */
export async function printWorkers(
  kind: 'slurm' | 'k8s',
  flags: { readonly out: string; readonly jobs?: number; readonly workers?: number; readonly image?: string },
  terminal: Terminal,
): Promise<void> {
  const { kubernetesJob, slurmScript } = await loadSweepQueue()
  const { out, jobs = 1, workers: count = 4, image = 'pilot' } = flags
  const workers = {
    ...{ name: 'pilot-sweep', count, jobs, out, idle: 300 },
    ...{ cores: CORES * jobs, memory: GIBIBYTES * jobs },
  }
  const text = kind === 'slurm' ? slurmScript(workers) : JSON.stringify(kubernetesJob(workers, image), undefined, 2)
  terminal.out(text.trimEnd())
  const start = command(terminal, 'sweep', '…', '--queue', 'ADDRESS')
  terminal.err(
    kind === 'slurm'
      ? `give it to sbatch with PILOT_QUEUE set, and begin the sweep: ${start}`
      : `give it to kubectl apply -f - beside a secret pilot-queue (key url) and a volume claim pilot-sweep, and begin the sweep: ${start}`,
  )
}
