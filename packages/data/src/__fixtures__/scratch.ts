import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach } from 'vitest'

/** A folder that is gone after the test. */
export function scratch(): string {
  const folder = mkdtempSync(join(tmpdir(), 'pilotjs-data-'))
  made.push(folder)
  return folder
}

/** Writes a file, and the folders it lies in. */
export function put(file: string, content: Uint8Array | string): string {
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, content)
  return file
}

/** A JPEG of 64x48. */
export const jpeg = readFileSync(fileURLToPath(new URL('./color.jpg', import.meta.url)))

/** A folder with these image files. */
export function folderOf(...files: string[]): string {
  const root = scratch()
  for (const file of files) put(join(root, file), jpeg)
  return root
}

const made: string[] = []
afterEach(() => {
  for (const folder of made.splice(0)) rmSync(folder, { recursive: true, force: true })
})
