import { otherReadings, readingTitle } from '../protocol/other-readings'
import type { Comparison } from './compare-runs'
import { differenceColumns, differenceFields, differencesNote } from './difference-columns'
import { spreadText } from './spread'

export const tableFormats = ['csv', 'markdown', 'latex'] as const
export type TableFormat = (typeof tableFormats)[number]

/** A comparison as text: CSV (RFC 4180, mean and deviation in columns of their own), a Markdown or a LaTeX (booktabs) table. */
export function exportTable(comparisons: readonly Comparison[], format: TableFormat): string {
  if (format === 'csv') return csv(comparisons)
  const others = readingsOf(comparisons)
  const apart = differenceColumns(comparisons)
  const heads = [
    'Method',
    'Seeds',
    'Average incremental accuracy, %',
    'Last accuracy, %',
    ...others.map((name) => `Last accuracy, ${readingTitle(name)}, %`),
    'Forgetting, points',
    ...apart.heads,
  ]
  const rows = comparisons.map((each) => [
    each.name,
    String(each.runs.length),
    spreadText(each.averageIncrementalAccuracy),
    spreadText(each.lastAccuracy),
    ...others.map((name) => (each.readings[name] ? spreadText(each.readings[name]) : '–')),
    spreadText(each.forgetting),
    ...apart.cells(each.name),
  ])
  const note = apart.heads.length > 0 ? differencesNote : undefined
  return format === 'markdown' ? markdown(heads, rows, note) : latex(heads, rows, note)
}

const readingsOf = (comparisons: readonly Comparison[]) =>
  otherReadings(comparisons.flatMap(({ runs }) => runs.map(({ summary }) => summary)))

function csv(comparisons: readonly Comparison[]): string {
  const others = readingsOf(comparisons)
  const apart = differenceFields(comparisons)
  const measures = ['average_incremental_accuracy', 'last_accuracy', 'forgetting', 'backward_transfer']
  const heads = [...measures, ...others.map((name) => `last_accuracy_${name}`)].flatMap((name) => [name, `${name}_std`])
  const rows = comparisons.map((each) => {
    const spreads = [
      ...[each.averageIncrementalAccuracy, each.lastAccuracy, each.forgetting, each.backwardTransfer],
      ...others.map((name) => each.readings[name]),
    ]
    const cells = spreads.flatMap((value) => [value?.mean ?? '', value?.deviation ?? ''])
    const own = [each.name, each.seeds.join(' '), ...cells, each.seconds, each.trainableParameters]
    return [...own, ...apart.cells(each.name)]
  })
  return [['method', 'seeds', ...heads, 'seconds', 'trainable_parameters', ...apart.heads], ...rows]
    .map((row) => row.map((cell) => csvCell(String(cell))).join(','))
    .join('\n')
}

/** Quoted where it must be; a cell that a spreadsheet would take for a formula is kept from being one. */
function csvCell(text: string): string {
  const safe = /^[=+\t\r]|^-[^\d.]/.test(text) ? `'${text}` : text
  return /[",\n\r]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
}

function markdown(heads: readonly string[], rows: readonly (readonly string[])[], note?: string): string {
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell) => cell.replace(/[|\\]/g, '\\$&').replace(/\s+/g, ' ')).join(' | ')} |`
  return [
    line(heads),
    line(heads.map((_, index) => (index === 0 ? ':---' : '---:'))),
    ...rows.map(line),
    ...(note === undefined ? [] : ['', note]),
  ].join('\n')
}

const LATEX: Readonly<Record<string, string>> = {
  '\\': '\\textbackslash{}',
  '~': '\\textasciitilde{}',
  '^': '\\textasciicircum{}',
  '±': '$\\pm$',
  '–': '--',
}

function latex(heads: readonly string[], rows: readonly (readonly string[])[], note?: string): string {
  const line = (cells: readonly string[]) => `${cells.map(latexText).join(' & ')} \\\\`
  return [
    ...(note === undefined ? [] : [`% ${note}`]),
    `\\begin{tabular}{l${'r'.repeat(heads.length - 1)}}`,
    '\\toprule',
    line(heads),
    '\\midrule',
    ...rows.map(line),
    '\\bottomrule',
    '\\end{tabular}',
  ].join('\n')
}

const latexText = (text: string) => text.replace(/[\\~^±–]|[&%$#_{}]/g, (sign) => LATEX[sign] ?? `\\${sign}`)
