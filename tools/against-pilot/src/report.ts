import { createRequire } from 'node:module'
import { dirname } from 'node:path'
import { cases } from './cases'
import type { Pair } from './comparison'
import { TOLERANCE, comparePairs } from './comparison'
import { commitOf, machine, versionOf } from './machine'
import type { Named } from './markdown'
import { accuracyTable, costTable, curveTable } from './markdown'
import { savedPairs } from './results-folder'
import { median } from './statistics'

export interface ReportOptions {
  readonly out: string
  readonly checkout: string
  /** What was compared on: images, classes a task, epochs. */
  readonly setting: string
  readonly threads: number
  readonly date: Date
}

/** All that is compared in a folder, as Markdown. @throws Error where nothing is */
export async function report({ out, checkout, setting, threads, date }: ReportOptions): Promise<string> {
  const done: { name: string; pairs: Pair[] }[] = []
  for (const { name } of cases) {
    const pairs = await savedPairs(out, name)
    if (pairs.length > 0) done.push({ name, pairs })
  }
  const [first] = done
  if (!first) throw new Error(`${out} holds no method that both sides have done`)
  const methods: Named[] = done.map(({ name, pairs }) => ({ name, comparison: comparePairs(pairs) }))
  const startOf = (side: 'pilot' | 'pilotjs') =>
    median(methods.map(({ comparison }) => comparison[side].startCpuSeconds))
  const versions = Object.entries({ ...first.pairs[0]!.pilot.versions, ...first.pairs[0]!.pilotjs.versions })
  const cli = dirname(createRequire(import.meta.url).resolve('@pilotjs/cli/package.json'))
  return [
    `${date.toISOString().slice(0, 10)}, ${machine()}, ${threads} thread${threads > 1 ? 's' : ''} a side. ` +
      `PILOT at ${await commitOf(checkout)}, pilotjs ${await versionOf(cli)} at ${await commitOf(cli)}; ` +
      `${versions.map(([name, version]) => `${name} ${version}`).join(', ')}.`,
    setting,
    `Accuracies in percent, mean ± standard deviation over seeds; "agree": the means of last accuracy are no further apart ` +
      `than ${TOLERANCE} points, or than one side's own deviation over seeds.`,
    accuracyTable(methods),
    `CPU seconds are user and system time of the whole process; of these, to start takes PILOT ` +
      `${startOf('pilot').toFixed(1)} and pilotjs ${startOf('pilotjs').toFixed(1)}. Ratios are pilotjs over PILOT, medians over seeds.`,
    costTable(methods),
    'Accuracy on all classes seen, after each task:',
    curveTable(methods),
  ].join('\n\n')
}
