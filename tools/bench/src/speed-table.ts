import { median } from './measure'

/** A row of the engine's bench (`node bench/run.mjs --json`), milliseconds an image. */
export interface SpeedReading {
  readonly row: string
  readonly batch: number
  readonly engine: string
  /** By the clock. */
  readonly median: number
  /** Over all threads. */
  readonly cpu: number
}

/** What one call of the engine's bench gives: readings in the order in which they were taken. */
export interface SpeedRun {
  readonly threads: number
  readonly rows: readonly SpeedReading[]
}

/** CPU time over time by the clock, from which on two threads or more can have run beside each other at all. */
const beside = 1.1

/**
 * Whether a reading of several threads says nothing: some virtual machines keep busy threads on one core for seconds, and then all
 * the CPU time that there was is the time by the clock.
 */
export const isOnOneCore = ({ cpu, median }: SpeedReading, threads: number): boolean =>
  threads > 1 && cpu < beside * median

const isTorch = ({ engine }: SpeedReading) => engine.startsWith('torch')
const digits = (value: number) => String(Number(value.toPrecision(3)))
const range = (values: readonly number[]) => {
  if (values.length === 0) return '–'
  const [least, most] = [Math.min(...values), Math.max(...values)]
  return values.length === 1 ? digits(least) : `${digits(median(values))} (${digits(least)} – ${digits(most)})`
}

/**
 * A Markdown table of several runs: medians of them, and ratios to PyTorch's reading of the same run, middle and range. A reading
 * by the clock that is none (see `isOnOneCore`) is left out and told below the table.
 */
export function speedTable(runs: readonly SpeedRun[]): string {
  const threads = runs[0]?.threads ?? 1
  const engines = [...new Set(runs.flatMap(({ rows }) => rows.map(({ engine }) => engine)))]
  const rows = new Map(runs.flatMap((run) => run.rows.map((reading) => [`${reading.row}, ${reading.batch}`, reading])))
  let leftOut = 0
  const lines = [...rows].flatMap(([name, { row, batch }]) =>
    engines.flatMap((engine) => {
      const found = runs.map(({ rows: all }) => {
        const here = all.filter((reading) => reading.row === row && reading.batch === batch)
        return { own: here.find((reading) => reading.engine === engine), torch: here.find(isTorch) }
      })
      const taken = found.flatMap(({ own, torch }) => (own ? [{ own, torch }] : []))
      if (taken.length === 0) return []
      const clock = taken.filter(({ own }) => !isOnOneCore(own, threads))
      leftOut += taken.length - clock.length
      const pairs = taken.flatMap(({ own, torch }) => (torch && own !== torch ? [{ own, torch }] : []))
      const clockPairs = pairs.filter(({ own, torch }) => ![own, torch].some((each) => isOnOneCore(each, threads)))
      return [
        [
          name,
          engine.trim(),
          digits(median(taken.map(({ own }) => own.cpu))),
          range(pairs.map(({ own, torch }) => own.cpu / torch.cpu)),
          clock.length > 0 ? digits(median(clock.map(({ own }) => own.median))) : 'no measurement',
          range(clockPairs.map(({ own, torch }) => own.median / torch.median)),
        ],
      ]
    }),
  )
  const head = [
    'network, pass, batch',
    'engine',
    'CPU ms/image',
    "of PyTorch's",
    'ms/image by the clock',
    "of PyTorch's",
  ]
  const table = [head, head.map(() => '---'), ...lines].map((cells) => `| ${cells.join(' | ')} |`).join('\n')
  if (leftOut === 0) return table
  return `${table}\n\nLeft out: ${leftOut} reading(s) by the clock of ${threads} threads whose CPU time was their time by the clock, so that the threads shared a core: no measurement.`
}

/** What stands above a table: machine, day and versions. */
export function measuredOn(facts: {
  readonly cpu: string
  readonly cores: number
  readonly memoryGiB: number
  readonly threads: number
  readonly runs: number
  readonly date: Date
  readonly versions: Readonly<Record<string, string>>
}): string {
  const versions = Object.entries(facts.versions).map(([name, version]) => `${name} ${version}`)
  return (
    `${facts.date.toISOString().slice(0, 10)}, ${facts.cpu}, ${facts.cores} cores, ${facts.memoryGiB} GiB; ${versions.join(', ')}. ` +
    `${facts.threads === 1 ? 'One thread' : `${facts.threads} threads`}, ${facts.runs === 1 ? 'one run' : `medians of ${facts.runs} runs in turn`}.`
  )
}
