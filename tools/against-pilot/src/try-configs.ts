import { existsSync } from 'node:fs'
import { mkdir, readFile, readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { PilotConfig } from './job'
import { CommandError, measured } from './measured'
import { pilotCommand } from './run-pilotjs'
import { scaledConfig } from './scale'

/** Keys of a config that change nothing, and why. */
export interface Ignored {
  readonly keys: readonly string[]
  readonly reason: string
}

/** What became of one of PILOT's configs. */
export interface Tried {
  readonly file: string
  /** What was said on the way. */
  readonly ignored: readonly Ignored[]
  /** Last accuracy in percent, where it ran. */
  readonly last?: number
  /** Why it did not. */
  readonly refused?: string
}

export interface TryOptions {
  readonly checkout: string
  readonly python: string
  readonly images: string
  readonly backbone: string
  /** Folder that takes configs, logs and outcomes; what is there already is not run again. */
  readonly out: string
  readonly signal?: AbortSignal
  print(line: string): void
}

/** Runs every `exps/*.json` of PILOT by `pilot run`, each as it is but for the number of epochs: one a phase. */
export async function tryConfigs(options: TryOptions): Promise<Tried[]> {
  const { checkout, out, print } = options
  const files = (await readdir(join(checkout, 'exps'))).filter((name) => name.endsWith('.json')).sort()
  await mkdir(out, { recursive: true })
  const tried: Tried[] = []
  for (const file of files) {
    const config = JSON.parse(await readFile(join(checkout, 'exps', file), 'utf8')) as PilotConfig
    const scaled = scaledConfig(config, { epochs: 1 })
    const saved = await savedResult(file, scaled, options)
    const result = saved ?? (await tryConfig(file, scaled, options))
    if (!saved) {
      await writeFile(resultFile(file, options), JSON.stringify({ job: jobOf(scaled, options), result }))
      print(`${file}: ${result.refused ?? 'works'}`)
    }
    tried.push(result)
  }
  return tried
}

const resultFile = (file: string, { out }: TryOptions) => join(out, file.replace(/\.json$/, '.result.json'))
const jobOf = (config: PilotConfig, { images, backbone }: TryOptions) => ({ config, images, backbone })

/** What became of the very same config, if it was tried before. */
async function savedResult(file: string, config: PilotConfig, options: TryOptions): Promise<Tried | undefined> {
  const written = resultFile(file, options)
  if (!existsSync(written)) return undefined
  const { job, result } = JSON.parse(await readFile(written, 'utf8')) as { job: object; result: Tried }
  return JSON.stringify(job) === JSON.stringify(jobOf(config, options)) ? result : undefined
}

async function tryConfig(file: string, config: PilotConfig, options: TryOptions): Promise<Tried> {
  const { images, backbone, out, python, signal } = options
  const folder = join(out, file.replace(/\.json$/, ''))
  const log = `${folder}.log`
  const written = join(out, file)
  await writeFile(written, JSON.stringify(config))
  const command = [process.execPath, pilotCommand(), 'run', written, '--data', images, '--backbone', backbone]
  try {
    await measured([...command, '--out', folder], { python, cwd: out, log, signal })
  } catch (error) {
    if (!(error instanceof CommandError)) throw error
    return { file, ignored: ignoredIn(error.output), refused: reasonIn(error.output) }
  }
  const { summary } = JSON.parse(await readFile(join(folder, 'metrics.json'), 'utf8')) as {
    summary: { lastAccuracy: number }
  }
  return { file, ignored: ignoredIn(await readFile(log, 'utf8')), last: summary.lastAccuracy }
}

/** From `T is ignored: …` or `T, M are ignored: …`, as `pilot run` prints it. */
export const ignoredIn = (output: string): Ignored[] =>
  [...output.matchAll(/^(\S.*) (?:is|are) ignored: (.*)$/gm)].map(([, keys, reason]) => ({
    keys: keys!.split(', '),
    reason: reason!,
  }))

/** The last that a command said: its error, in one line. */
export function reasonIn(output: string): string {
  const lines = output.trimEnd().split('\n')
  const start = lines.findLastIndex((line) => /^\S/.test(line))
  return lines
    .slice(Math.max(0, start))
    .map((line) => line.trim())
    .join(' ')
}
