export { renderReport } from './report/render-report'
export { reportRuns, uniqueNames, type ReportRun } from './report/report-run'
export type { LastTask, Mistake, ReportedConfig, ReportSource } from './report/report-source'
export { writeReport } from './report/write-report'
