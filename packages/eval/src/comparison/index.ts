export { memoryAreas, memoryRows, type MemoryArea, type MemoryRow, type RememberingRow } from './memory-rows'
export { compareRuns, isContest, type ComparedRun, type Comparison } from './compare-runs'
export { differenceColumns, differencesNote, type DifferenceColumns } from './difference-columns'
export { measureColumns, type MeasureColumn } from './measure-columns'
export { exportTable, tableFormats, type TableFormat } from './export-table'
export type { Interval } from './bootstrap'
export {
  differenceText,
  pairedDifferences,
  type Difference,
  type PairedDifference,
  type Resampled,
} from './paired-differences'
export { spread, spreadText, type Spread } from './spread'
