import { readFile } from 'node:fs/promises'
import { BackboneError } from './backbone-error'

/** A JSON file's value, undefined where there is no such file. */
export async function readJson(path: string): Promise<unknown> {
  let text: string
  try {
    text = await readFile(path, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
  try {
    return JSON.parse(text.replace(/^\uFEFF/, ''))
  } catch (error) {
    throw new BackboneError('config', path, `${path} is no JSON: ${(error as Error).message}`, error)
  }
}
