import { performance } from 'node:perf_hooks'

/** One line of a suite's table; numbers are rounded when they are printed, not before. */
export type Row = Readonly<Record<string, string | number>>

/** The middle one; of an even count, the lower of the two in the middle. */
export function median(values: readonly number[]): number {
  if (values.length === 0) throw new RangeError('the median of nothing')
  return [...values].sort((a, b) => a - b)[Math.floor((values.length - 1) / 2)]!
}

/** Milliseconds of each of `runs` calls, after some that are not counted: the first builds an engine's programs. */
export async function time(work: () => Promise<void>, { runs = 9, warmUp = 3 } = {}): Promise<number[]> {
  for (let i = 0; i < warmUp; i++) await work()
  const milliseconds: number[] = []
  for (let i = 0; i < runs; i++) {
    const start = performance.now()
    await work()
    milliseconds.push(performance.now() - start)
  }
  return milliseconds
}
