import type { Figure, Source } from './figure'
import { WEIGHTS } from './figure'

const source: Source = {
  key: 'collected',
  what: "the papers' figures as a public repository of 2026 collected them",
  trust: 'secondary: check at the paper before relying on a row',
}

/** Method, then last / average on CIFAR-100 B0-Inc10, ImageNet-R B0-Inc20, CUB B0-Inc20. ViT-B/16-IN21K, ten tasks. */
const table: readonly (readonly [string, ...(readonly [last: number, average: number])[]])[] = [
  ['l2p', [82.76, 88.48], [66.49, 72.83], [62.21, 73.83]],
  ['dualprompt', [85.56, 90.33], [68.5, 72.59], [66.0, 77.92]],
  ['coda-prompt', [87.0, 90.68], [72.82, 78.13], [77.23, 81.9]],
  ['lae', [85.59, 89.96], [72.66, 78.91], [77.48, 85.83]],
  ['slca', [91.53, 94.09], [77.0, 81.17], [84.71, 90.94]],
  ['ranpac', [91.09, 94.03], [75.28, 80.66], [87.88, 92.57]],
  ['aper-adapter', [87.32, 91.21], [65.79, 72.42], [87.04, 92.13]],
  ['ease', [86.54, 91.68], [77.75, 83.87], [79.9, 86.65]],
  ['mos', [90.53, 94.09], [78.1, 83.61], [89.91, 92.87]],
  ['cofima', [92.77, 94.89], [78.25, 81.48], [87.11, 91.87]],
]

const columns = [
  { data: 'cifar224', increment: 10 },
  { data: 'imagenetr', increment: 20 },
  { data: 'cub', increment: 20 },
] as const

export const collectedFigures: readonly Figure[] = table.flatMap(([method, ...cells]) =>
  cells.map(([last, average], column): Figure => {
    const { data, increment } = columns[column]!
    return { method, data, increment, backbone: WEIGHTS.in21k, last, average, by: 'paper', source }
  }),
)
