import { markdownTable } from 'markdown-table'
import type { Comparison, ReadingComparison, Spread } from './comparison'
import type { Tried } from './try-configs'

export interface Named {
  readonly name: string
  readonly comparison: Comparison
}

/** Columns of numbers stand right. */
function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const numeric = head.map((_, column) => rows.every((row) => /^[−+–\d]/.test(row[column]!)))
  return markdownTable([head, ...rows], { align: numeric.map((right) => (right ? 'right' : null)) })
}

const points = (value: number) => value.toFixed(1)
const signed = (value: number) => `${value < 0 ? '−' : '+'}${points(Math.abs(value))}`
const plusMinus = ({ mean, deviation }: Spread) => `${points(mean)} ± ${points(deviation)}`

/** Last and average accuracies of both sides, and whether they agree. */
export function accuracyTable(methods: readonly Named[]): string {
  const rows = methods.flatMap(({ name, comparison: { head, nearestMean, seeds } }) => {
    const row = (title: string, reading: ReadingComparison) => [
      title,
      plusMinus(reading.pilot.last),
      plusMinus(reading.pilotjs.last),
      `${signed(reading.difference.mean)} ± ${points(reading.difference.deviation)}`,
      plusMinus(reading.pilot.average),
      plusMinus(reading.pilotjs.average),
      String(seeds.length),
      reading.agrees === undefined ? 'one seed' : reading.agrees ? 'yes' : 'no',
    ]
    return [row(name, head), ...(nearestMean ? [row(`${name}, nearest mean`, nearestMean)] : [])]
  })
  const head = ['method', 'last: PILOT', 'last: pilotjs', 'difference', 'average: PILOT', 'average: pilotjs']
  return table([...head, 'seeds', 'agree'], rows)
}

/** CPU seconds, wall time and memory of both sides. */
export function costTable(methods: readonly Named[]): string {
  const rows = methods.map(({ name, comparison: { pilot, pilotjs, ratios } }) => [
    name,
    pilot.cpuSeconds.toFixed(0),
    pilotjs.cpuSeconds.toFixed(0),
    ratios.cpu.toFixed(2),
    ratios.cpuAfterStart.toFixed(2),
    ratios.wall.toFixed(2),
    (pilot.peakBytes / 1e6).toFixed(0),
    (pilotjs.peakBytes / 1e6).toFixed(0),
    ratios.memory.toFixed(2),
  ])
  const head = [
    'method',
    'CPU s: PILOT',
    'CPU s: pilotjs',
    'CPU ratio',
    'without start',
    'wall ratio',
    'MB: PILOT',
    'MB: pilotjs',
  ]
  return table([...head, 'memory ratio'], rows)
}

/** Accuracy after each task, mean over seeds with the standard deviation. */
export function curveTable(methods: readonly Named[]): string {
  const tasks = Math.max(...methods.map(({ comparison }) => comparison.head.pilot.curve.length))
  const rows = methods.flatMap(({ name, comparison: { head, nearestMean } }) =>
    [
      [`${name}: PILOT`, head.pilot] as const,
      [`${name}: pilotjs`, head.pilotjs] as const,
      ...(nearestMean
        ? [
            [`${name}, nearest mean: PILOT`, nearestMean.pilot] as const,
            [`${name}, nearest mean: pilotjs`, nearestMean.pilotjs] as const,
          ]
        : []),
    ].map(([title, { curve }]) => [
      title,
      ...Array.from({ length: tasks }, (_, task) => (curve[task] ? plusMinus(curve[task]) : '–')),
    ]),
  )
  return table(['after task', ...Array.from({ length: tasks }, (_, task) => String(task + 1))], rows)
}

/** What became of PILOT's configs, and of their keys. */
export function triedTable(tried: readonly Tried[]): string {
  const works = tried.filter(({ refused }) => refused === undefined).length
  const told = ({ ignored }: Tried) => ignored.flatMap(({ keys, reason }) => keys.map((key) => ({ key, reason })))
  const same = (one: { key: string; reason: string }) => (other: typeof one) =>
    one.key === other.key && one.reason === other.reason
  const all = tried.flatMap(told).filter((one, i, list) => list.findIndex(same(one)) === i)
  const everywhere = all.filter((one) => tried.every((each) => told(each).some(same(one))))
  const own = all.filter((one) => !everywhere.includes(one)).sort((a, b) => (a.key < b.key ? -1 : 1))
  const rows = tried.map((each) => {
    const { file, last, refused } = each
    const keys = told(each).filter((one) => own.some(same(one)))
    return [file, last?.toFixed(1) ?? '–', refused ?? 'works', keys.map(({ key }) => key).join(', ')]
  })
  return [
    `${works} of ${tried.length} work.`,
    table(['config', 'last, %', 'what became of it', 'keys that change nothing'], rows),
    `In every config: ${everywhere.map(({ key, reason }) => `${key} (${reason})`).join(', ')}.`,
    own.map(({ key, reason }) => `- ${key}: ${reason}`).join('\n'),
  ].join('\n\n')
}
