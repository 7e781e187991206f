import type { Summary } from './summary'

/** The readings beside those that count, of several runs: a column of a table each. In the order in which they first come. */
export const otherReadings = (summaries: readonly Pick<Summary, 'readings'>[]): string[] => [
  ...new Set(summaries.flatMap(({ readings }) => Object.keys(readings).slice(1))),
]

/** A reading's name in words: `nearestMean` → `nearest mean`. */
export const readingTitle = (name: string): string => name.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`)
