import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, readFile, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { extract } from 'tar'

/** The release that Icons-100 is made from. @iconify/json is 460 MB unpacked: too large for a dependency of the workspace. */
export const ICONIFY = {
  version: '2.2.535',
  integrity: 'sha512-nAV60ACUSHwnsb6fsp+letHlNkrwO4vzBtcC6B4EDHErQQfezk7E3nJdnwJjve6OCfMNO0uVT5Vrgna9/NCmXw==',
}

const run = promisify(execFile)

/**
 * Fetches the pinned @iconify/json from the npm registry with `npm pack`, checks its hash and unpacks the icon data.
 * Does nothing when that has been done before.
 *
 * @param cache folder to keep it in
 * @returns the folder that holds `collections.json` and `json/*.json`
 * @throws Error if the tarball is not the pinned one
 */
export async function fetchIconify(cache: string): Promise<string> {
  const folder = join(cache, ICONIFY.version)
  if (existsSync(folder)) return folder
  await mkdir(cache, { recursive: true })
  const tarball = join(cache, `iconify-json-${ICONIFY.version}.tgz`)
  if (!existsSync(tarball)) {
    await run('npm', ['pack', `@iconify/json@${ICONIFY.version}`, '--silent', '--pack-destination', cache])
  }
  const hash = `sha512-${createHash('sha512')
    .update(await readFile(tarball))
    .digest('base64')}`
  if (hash !== ICONIFY.integrity) {
    throw new Error(`${tarball} is not the pinned @iconify/json (its hash is ${hash}). Remove the file and run again.`)
  }
  const unfinished = `${folder}.part`
  await rm(unfinished, { recursive: true, force: true })
  await mkdir(unfinished, { recursive: true })
  await extract({
    file: tarball,
    cwd: unfinished,
    strip: 1,
    filter: (path) => /^package\/(collections\.json|json\/[^/]+\.json)$/.test(path),
  })
  await rename(unfinished, folder)
  return folder
}
