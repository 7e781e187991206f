import { markdownTable } from 'markdown-table'
import type { Figure, Source } from './figure'
import { WEIGHTS, splitName } from './figure'
import type { Row } from './ledger'
import { TOLERANCE, accuraciesOf } from './ledger'
import { published } from './published'
import type { Result } from './result'

const intro = `# What papers, PILOT and pilotjs reached

Generated: \`pilot reproduce METHOD DATA --ledger docs\` runs a row's setting, adds the result to \`ledger.json\` and writes this page anew.
Cells are last / average incremental accuracy in percent, means over seeds. A row is \`reproduced\` when no accuracy is further than ${TOLERANCE} point
from PILOT's (from the paper's, where PILOT has none), else it \`differs\`. Weights that were only pre-trained on ImageNet-21k and those fine-tuned
on ImageNet-1k are never compared with each other: the papers mostly use the former, PILOT's shipped configs the latter.`

/** The ledger as a Markdown page. */
export function renderLedger(rows: readonly Row[]): string {
  const datasets = [...new Set(rows.map(({ data }) => data))]
  const sections = datasets.map((data) => {
    const own = rows.filter((row) => row.data === data)
    return `## ${data}\n\n${table(
      ['method', 'split', 'backbone', 'paper', 'PILOT', 'pilotjs', 'weights', 'seeds', 'class order', 'state'],
      own.map(cellsOf),
    )}`
  })
  return [intro, ...sections, sources()].join('\n\n') + '\n'
}

/** A row in words: last / average accuracy by each hand, and how they stand to each other. */
export function describeRow({ paper, pilot, ours, state, ...setting }: Row): {
  readonly paper: string
  readonly pilot: string
  readonly pilotjs: string
  readonly state: string
} {
  return {
    paper: paper ? figureOf(paper) : '',
    pilot: pilot
      ? 'seeds' in pilot
        ? `${accuracies(pilot)}${optionsOf(pilot)} (run here, ${pilot.version})`
        : figureOf(pilot)
      : '',
    pilotjs: ours ? accuracies(ours) + optionsOf(ours) : '',
    state: state === 'not run' ? notRun(setting) : state,
  }
}

function cellsOf(row: Row): string[] {
  const { method, backbone, ours } = row
  const { paper, pilot, pilotjs, state } = describeRow(row)
  return [
    method,
    splitName(row),
    backbone?.replace('vit_base_patch16_224.', 'ViT-B/16 ') ?? 'not said',
    paper,
    pilot,
    pilotjs,
    ours?.weights.slice(0, 12) ?? '',
    ours?.seeds.join(', ') ?? '',
    ours ? (ours.classOrder === 'seed' ? 'from the seed' : 'the data set’s') : '',
    state,
  ]
}

/** Of a setting that nobody could compare, whose weights have to be downloaded, or neither. */
function notRun({ increment, backbone }: Pick<Row, 'increment' | 'backbone'>): string {
  if (backbone === undefined || increment === undefined) return 'not comparable'
  return Object.values<string>(WEIGHTS).includes(backbone) ? 'not run: weights not here' : 'not run'
}

const figureOf = (figure: Figure) => `${accuracies(figure)} (${figure.source.key})`

function accuracies(known: Figure | Result): string {
  const { last, average } = accuraciesOf(known)
  return `${last?.toFixed(1) ?? '–'} / ${average?.toFixed(1) ?? '–'}`
}

const optionsOf = ({ options }: Result) =>
  Object.entries(options)
    .map(([key, value]) => `, ${key} ${JSON.stringify(value)}`)
    .join('')

function sources(): string {
  const all = new Map<string, Source>(published.map(({ source }) => [source.key, source]))
  const rows = [...all.values()].map(({ key, what, trust }) => [key, what, trust])
  return `## Sources\n\n${table(['name', 'what it is', 'how far it can be trusted'], rows)}`
}

const table = (head: readonly string[], rows: readonly (readonly string[])[]) => markdownTable([head, ...rows])
