import { randomUUID } from 'node:crypto'
import { mkdir, readFile, readdir, rename, rm, writeFile } from 'node:fs/promises'
import { dirname, join, relative, sep } from 'node:path'
import { promisify } from 'node:util'
import { brotliCompress, brotliDecompress } from 'node:zlib'
import * as z from 'zod'
import { ExperimentError, messageOf } from '../experiment-error'
import { exists, layout } from '../run-directory/layout'

/** Bytes up to which the learner's state comes along; a backbone's weights are no matter for a queue. */
const SMALL_STATE = 256 * 2 ** 10
/** A run without its state is far smaller; more is damage, or malice. */
const LARGEST = 64 * 2 ** 20

const packedSchema = z.record(z.string().regex(/^(\w[\w.-]*\/)*\w[\w.-]*$/, 'is no file of a run'), z.base64())

/**
 * A complete run as text that can be sent: its files, compressed. The learner's state comes along where it is small; without it a
 * run can be reported on, and not be asked for predictions. The page is left out, as it can be made again.
 */
export async function packRun(folder: string): Promise<string> {
  const names = (await readdir(folder, { recursive: true, withFileTypes: true })).filter((entry) => entry.isFile())
  const files: Record<string, string> = {}
  for (const entry of names) {
    const file = join(entry.parentPath, entry.name)
    const name = relative(folder, file).split(sep).join('/')
    if (name.split('/').some((part) => part.startsWith('.')) || name === 'report.html') continue
    const bytes = await readFile(file)
    if (name.endsWith('.safetensors') && bytes.length > SMALL_STATE) continue
    files[name] = bytes.toString('base64')
  }
  return (await promisify(brotliCompress)(JSON.stringify(files))).toString('base64')
}

/**
 * Puts a run that was sent into a new folder, whole or not at all. A run that is complete there already stays.
 * @throws ExperimentError `damaged-run` for what is no run
 */
export async function unpackRun(packed: string, folder: string): Promise<void> {
  if (await exists(layout(folder).metrics)) return
  const aside = join(dirname(folder), `.receiving-${randomUUID()}`)
  try {
    const files = await unpacked(packed, folder)
    for (const [name, content] of Object.entries(files)) {
      await mkdir(dirname(join(aside, name)), { recursive: true })
      await writeFile(join(aside, name), Buffer.from(content, 'base64'))
    }
    await rm(folder, { recursive: true, force: true })
    await rename(aside, folder)
  } finally {
    await rm(aside, { recursive: true, force: true })
  }
}

async function unpacked(packed: string, folder: string): Promise<Record<string, string>> {
  try {
    const text = await promisify(brotliDecompress)(Buffer.from(packed, 'base64'), { maxOutputLength: LARGEST })
    return packedSchema.parse(JSON.parse(text.toString()))
  } catch (error) {
    throw new ExperimentError(
      'damaged-run',
      { file: folder },
      `what a worker sent is no run (${folder}): ${messageOf(error)}`,
      { cause: error },
    )
  }
}
