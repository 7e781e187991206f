export { compareRuns, isContest, type ComparedRun, type Comparison } from './compare-runs'
export { exportTable, tableFormats, type TableFormat } from './export-table'
export { spread, spreadText, type Spread } from './spread'
