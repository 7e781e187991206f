import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { writeFileAtomic } from '@pilotjs/core/node'
import type { ReportSource } from './report-source'
import { renderReport } from './render-report'
import { reportRuns } from './report-run'

/**
 * Writes a report on one run or several as one HTML file, readable offline.
 * @throws Error where the file cannot be written, with the system's reason
 */
export async function writeReport(runs: readonly ReportSource[], file: string): Promise<void> {
  const echarts = await readFile(createRequire(import.meta.url).resolve('echarts/dist/echarts.min.js'), 'utf8')
  const page = renderReport(await reportRuns(runs), { echarts, made: new Date() })
  await writeFileAtomic(file, page)
}
