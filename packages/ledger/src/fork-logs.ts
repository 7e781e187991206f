import type { Figure, Source } from './figure'
import { WEIGHTS } from './figure'

const source: Source = {
  key: 'fork’s logs',
  what: 'logs of a public fork of PILOT, seed 1993',
  trust:
    'PILOT’s code run by others; for SimpleCIL the weights are known, for the rest the notes at hand do not say which',
}

type Cell = readonly [average: number, last?: number] | undefined

/** Method, whether fine-tuned on IN1K for sure, then average / last in the order of `columns`. */
const table: readonly (readonly [method: string, in1k: boolean, ...Cell[]])[] = [
  [
    'finetune',
    false,
    [72.1, 58.5],
    [76.9, 65.5],
    [68.3, 53.9],
    [62.0, 46.3],
    [33.7, 18.7],
    [60.2, 42.9],
    [65.9],
    [78.7, 61.9],
  ],
  [
    'simplecil',
    true,
    [82.8, 76.2],
    [82.3, 76.2],
    [67.1, 61.3],
    [67.6, 61.3],
    [59.6, 49.4],
    [91.0, 85.2],
    [78.6],
    [90.9, 83.6],
  ],
  [
    'l2p',
    false,
    [87.6, 81.4],
    [89.9, 85.0],
    [76.3, 70.8],
    [73.7, 67.5],
    [52.7, 44.9],
    [79.3, 68.9],
    [74.2],
    [82.1, 64.2],
  ],
  [
    'dualprompt',
    false,
    [88.5, 81.9],
    [90.3, 85.3],
    [71.2, 66.1],
    [69.8, 63.1],
    [52.4, 40.2],
    [82.9, 70.8],
    [74.9],
    [90.0, 79.6],
  ],
  [
    'coda-prompt',
    false,
    [88.9, 82.0],
    [91.6, 86.6],
    [78.7, 72.9],
    [74.5, 67.5],
    [56.3, 45.8],
    [83.0, 72.8],
    [77.0],
    [87.8, 74.9],
  ],
  [
    'ease',
    false,
    [91.6, 85.9],
    [92.6, 88.1],
    [81.0, 75.4],
    [78.9, 72.0],
    [62.7, 50.8],
    [91.3, 85.6],
    [74.8],
    [90.5, 82.2],
  ],
  ['mos', false, [93.4], [94.7], [82.6], [81.3], [66.8], [93.5], [85.9], [92.6]],
  ['der', false, [88.6, 77.4], [88.6, 78.8], undefined, undefined, undefined, [90.1, 85.1], [77.6]],
  ['icarl-nearest-mean', false, [89.5, 78.3], [90.3, 82.8], undefined, undefined, undefined, undefined, [80.9]],
  ['icarl', false, undefined, undefined, undefined, undefined, undefined, [88.2, 81.6]],
  ['foster', false, [92.0, 87.8], [91.5, 87.4], undefined, undefined, undefined, [85.2, 82.4], [78.1]],
]

const columns = [
  { data: 'cifar224', increment: 5 },
  { data: 'cifar224', increment: 10 },
  { data: 'imagenetr', increment: 20 },
  { data: 'imagenetr', increment: 10 },
  { data: 'imageneta', increment: 20 },
  { data: 'cub', increment: 10 },
  { data: 'omnibenchmark', increment: 30 },
  { data: 'vtab', increment: 10 },
] as const

export const forkLogs: readonly Figure[] = table.flatMap(([method, in1k, ...cells]) =>
  cells.flatMap((cell, column): Figure[] => {
    if (!cell) return []
    const [average, last] = cell
    const { data, increment } = columns[column]!
    const backbone = in1k ? WEIGHTS.in1k : undefined
    return [{ method, data, increment, backbone, last, average, by: 'pilot', source }]
  }),
)
