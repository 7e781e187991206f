import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { writeFileAtomic } from '@pilotjs/core/node'
import { RunError, fileReason } from '../run-directory/run-error'
import type { RunDirectory } from '../run-directory/open-run'
import { renderReport } from './render-report'
import { reportRuns } from './report-run'

/**
 * Writes a report on one run or several as one HTML file, readable offline.
 * @throws RunError where a run has no finished task, or the file cannot be written
 */
export async function writeReport(runs: readonly RunDirectory[], file: string): Promise<void> {
  const echarts = await readFile(createRequire(import.meta.url).resolve('echarts/dist/echarts.min.js'), 'utf8')
  const page = renderReport(await reportRuns(runs), { echarts, made: new Date() })
  try {
    await writeFileAtomic(file, page)
  } catch (error) {
    throw new RunError(`cannot write the report ${file}: ${fileReason(error)}`, { cause: error })
  }
}
