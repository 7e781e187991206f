import { alignedExemplars, areaUnderAccuracy, modelBytes } from '../metrics/index'
import type { BudgetPoint, LearnerMemory } from '../metrics/index'

/** A row of runs that differ in their seed alone, with what its learners keep. */
export interface RememberingRow {
  readonly name: string
  readonly method: string
  /** Of one run; of several seeds the largest. */
  readonly memory: LearnerMemory
  /** Mean over the seeds, percent. */
  readonly averageIncrementalAccuracy: number
  readonly lastAccuracy: number
}

/** A row as it is told. Megabytes are 2^20 bytes, as in the survey. */
export interface MemoryRow extends RememberingRow {
  readonly modelMegabytes: number
  readonly exemplarMegabytes: number
  readonly megabytes: number
  /** Exemplars that would bring the method to what the largest of all rows takes. */
  readonly alignedExemplars: number
}

/** Area under accuracy over memory of a method whose rows differ in memory. */
export interface MemoryArea {
  readonly method: string
  readonly budgets: number
  /** From the smallest budget to the largest, in megabytes. */
  readonly from: number
  readonly to: number
  /** AUC-A: of the average incremental accuracy. */
  readonly average: number
  /** AUC-L: of the last accuracy. */
  readonly last: number
}

const MEGABYTE = 2 ** 20

/** @param image bytes of one exemplar, see `imageBytes` */
export function memoryRows(rows: readonly RememberingRow[], image: number): MemoryRow[] {
  const budget = Math.max(...rows.map(({ memory }) => bytesOf(memory, image)))
  return rows.map((row) => {
    const model = modelBytes(row.memory.parameters)
    return {
      ...row,
      modelMegabytes: model / MEGABYTE,
      exemplarMegabytes: (image * row.memory.exemplars) / MEGABYTE,
      megabytes: bytesOf(row.memory, image) / MEGABYTE,
      alignedExemplars: alignedExemplars(budget, model, image),
    }
  })
}

const bytesOf = ({ parameters, exemplars }: LearnerMemory, image: number) => modelBytes(parameters) + image * exemplars

/** The areas of all methods that were run with more than one memory, the largest first. Of equal budgets the better row counts. */
export function memoryAreas(rows: readonly MemoryRow[]): MemoryArea[] {
  const methods = [...new Set(rows.map(({ method }) => method))]
  return methods
    .flatMap((method): MemoryArea[] => {
      const own = new Map<number, MemoryRow>()
      for (const row of rows.filter((each) => each.method === method)) {
        const there = own.get(row.megabytes)
        if (!there || there.averageIncrementalAccuracy < row.averageIncrementalAccuracy) own.set(row.megabytes, row)
      }
      if (own.size < 2) return []
      const points = (accuracy: (row: MemoryRow) => number): BudgetPoint[] =>
        [...own.values()].map((row) => ({ megabytes: row.megabytes, accuracy: accuracy(row) }))
      return [
        {
          method,
          budgets: own.size,
          from: Math.min(...own.keys()),
          to: Math.max(...own.keys()),
          average: areaUnderAccuracy(points((row) => row.averageIncrementalAccuracy)),
          last: areaUnderAccuracy(points((row) => row.lastAccuracy)),
        },
      ]
    })
    .sort((a, b) => b.average - a.average)
}
