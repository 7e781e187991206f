import { readFile, stat } from 'node:fs/promises'
import { resolve } from 'node:path'
import { parse } from 'yaml'
import { ExperimentError, messageOf } from '../experiment-error'
import type { SweepSettings } from './sweep-settings'
import { parseSweep } from './sweep-settings'

/** Nobody writes a sweep of more by hand, and reading one should not take the machine's memory. */
const LARGEST_FILE = 16 * 2 ** 20

/**
 * Reads `SWEEP.json` or `SWEEP.yaml` (YAML holds JSON, so that one reader does for both).
 * @throws ExperimentError `invalid-sweep` where the file cannot be read, is neither, or is no sweep
 */
export async function readSweep(file: string, cwd: string): Promise<SweepSettings> {
  const invalid = (message: string) => new ExperimentError('invalid-sweep', { file, problems: [] }, message)
  const path = resolve(cwd, file)
  const { size } = await stat(path).catch((error: NodeJS.ErrnoException) => {
    throw invalid(error.code === 'ENOENT' ? `there is no file ${file}` : `${file} cannot be read: ${error.message}`)
  })
  if (size > LARGEST_FILE) throw invalid(`${file} is too large for a sweep: ${size} bytes, at most ${LARGEST_FILE}`)
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    throw invalid(`${file} cannot be read: ${messageOf(error)}`)
  })
  let written: unknown
  try {
    written = file.endsWith('.json') ? JSON.parse(text.replace(/^\uFEFF/, '')) : parse(text)
  } catch (error) {
    throw invalid(`${file} is not ${file.endsWith('.json') ? 'JSON' : 'YAML'}: ${messageOf(error)}`)
  }
  return parseSweep(written, file)
}
