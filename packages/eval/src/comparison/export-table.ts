import type { Comparison } from './compare-runs'
import { differenceColumns, differenceFields, differencesNote } from './difference-columns'
import { measureColumns } from './measure-columns'

export const tableFormats = ['csv', 'markdown', 'latex'] as const
export type TableFormat = (typeof tableFormats)[number]

/** A comparison as text: CSV (RFC 4180, mean and deviation in columns of their own), a Markdown or a LaTeX (booktabs) table. */
export function exportTable(comparisons: readonly Comparison[], format: TableFormat): string {
  if (format === 'csv') return csv(comparisons)
  const columns = measureColumns(comparisons, ['everywhere'])
  const apart = differenceColumns(comparisons)
  const heads = ['Method', 'Seeds', ...columns.map(({ title, measure }) => `${title}, ${measure.unit}`), ...apart.heads]
  const rows = comparisons.map((each) => [
    each.name,
    String(each.runs.length),
    ...columns.map((column) => column.text(each)),
    ...apart.cells(each.name),
  ])
  const note = apart.heads.length > 0 ? differencesNote : undefined
  return format === 'markdown' ? markdown(heads, rows, note) : latex(heads, rows, note)
}

/** Every measure has its columns, whether it is known or not: programs count on them. */
function csv(comparisons: readonly Comparison[]): string {
  const columns = measureColumns(comparisons, ['everywhere', 'report', 'files'])
  const apart = differenceFields(comparisons)
  const heads = columns
    .map(({ measure, reading }) => snakeCase(measure.name) + (reading === undefined ? '' : `_${reading}`))
    .flatMap((name) => [name, `${name}_std`])
  const rows = comparisons.map((each) => {
    const cells = columns
      .map((column) => column.spread(each))
      .flatMap((value) => [value?.mean ?? '', value?.deviation ?? ''])
    const own = [each.name, each.seeds.join(' '), ...cells, each.seconds, each.trainableParameters]
    return [...own, ...apart.cells(each.name)]
  })
  return [['method', 'seeds', ...heads, 'seconds', 'trainable_parameters', ...apart.heads], ...rows]
    .map((row) => row.map((cell) => csvCell(String(cell))).join(','))
    .join('\n')
}

const snakeCase = (name: string) => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)

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
