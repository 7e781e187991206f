import { spawnSync } from 'node:child_process'
import { Job } from 'kubernetes-models/batch/v1/Job'
import { describe, expect, it } from 'vitest'
import { kubernetesJob } from './kubernetes-job'
import { slurmScript } from './slurm-script'

const workers = { name: 'sweep', count: 8, jobs: 2, cores: 8, memory: 16, idle: 300, out: "/scratch/o'neil/sweep" }

describe('an array job for Slurm', () => {
  const script = slurmScript(workers)

  it('is a script that bash understands, with its directives before the first command', () => {
    expect(spawnSync('bash', ['-n'], { input: script })).toMatchObject({ status: 0 })
    const lines = script.split('\n')
    const first = lines.findIndex((line) => line !== '' && !line.startsWith('#'))
    const directives = lines.filter((line) => line.startsWith('#SBATCH '))
    expect(lines.slice(0, first).filter((line) => line.startsWith('#SBATCH '))).toEqual(directives)
    for (const line of directives) expect(line).toMatch(/^#SBATCH --[a-z-]+=\S+$/)
    expect(directives).toContain('#SBATCH --array=0-7')
  })

  it('starts workers with the queue from the environment, and says so where that is missing', () => {
    const run = (env: Record<string, string>) =>
      spawnSync('bash', ['-c', `npx() { printf '%s|' "$@"; }; exec() { "$@"; }; ${script.replaceAll(/^#.*$/gm, '')}`], {
        env: { PATH: process.env.PATH, ...env },
        encoding: 'utf8',
      })
    expect(run({}).stderr).toContain('the address of the queue is missing')
    const { stdout } = run({ PILOT_QUEUE: 'redis://:secret@host' })
    expect(stdout).toBe("pilot|worker|--jobs|2|--idle|300|--out|/scratch/o'neil/sweep|")
  })
})

it('is an Indexed Job that the schema of Kubernetes takes', () => {
  const job = kubernetesJob(workers, 'registry.example.org/pilot:1')
  expect(() => new Job(job).validate()).not.toThrow()
  expect(job.spec).toMatchObject({ completionMode: 'Indexed', completions: 8, parallelism: 8 })
  expect(JSON.stringify(job)).not.toContain('redis://')
  // The schema is one that refuses.
  const wrong = { ...job, spec: { ...job.spec, completions: 'eight' } } as unknown as typeof job
  expect(() => new Job(wrong).validate()).toThrow('completions')
})

it.each([
  [{ name: 'Über' }, '"Über" is no name for workers'],
  [{ count: 0 }, 'count of workers is 0, and at least 1'],
])('refuses %j', (part, message) => {
  expect(() => slurmScript({ ...workers, ...part })).toThrow(message)
  expect(() => kubernetesJob({ ...workers, ...part }, 'pilot')).toThrow(message)
})
