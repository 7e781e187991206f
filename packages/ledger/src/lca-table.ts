import type { Figure, Source } from './figure'
import { WEIGHTS } from './figure'

const source: Source = {
  key: 'LCA’s table',
  what: 'a table of the paper LCA (ICLR 2026): other methods on the backbone fine-tuned on IN1K',
  trust: 'measured by the authors of another method; average accuracy only, splits not said',
}

/** Method, then average accuracy in the order of `columns`. */
const table: readonly (readonly [method: string, ...number[]])[] = [
  ['aper-adapter', 90.8, 78.8, 58.9, 89.7, 80.3, 90.7],
  ['aper-finetune', 81.7, 72.1, 58.7, 89.5, 77.8, 91.8],
  ['aper-ssf', 89.5, 78.1, 61.6, 89.6, 80.3, 91.8],
  ['aper-vpt-deep', 89.0, 78.8, 57.0, 89.0, 79.8, 91.9],
  ['aper-vpt-shallow', 88.1, 67.3, 56.9, 89.5, 79.7, 91.6],
  ['ease', 91.7, 82.4, 67.8, 89.5, 80.8, 93.3],
  ['mos', 94.3, 83.3, 67.7, 92.3, 86.1, 92.6],
  ['slca', 93.7, 85.1, 45.2, 90.2, 82.7, 91.1],
]

/** Which splits, the notes at hand do not say. */
const columns = ['cifar224', 'imagenetr', 'imageneta', 'cub', 'omnibenchmark', 'vtab'] as const

export const lcaTable: readonly Figure[] = table.flatMap(([method, ...cells]) =>
  cells.map((average, column): Figure => ({
    method,
    data: columns[column]!,
    backbone: WEIGHTS.in1k,
    average,
    by: 'paper',
    source,
  })),
)
