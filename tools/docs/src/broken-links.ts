import { existsSync, readFileSync, statSync } from 'node:fs'
import { join, posix } from 'node:path'
import type { Page } from './markdown'
import { readPage } from './markdown'

/**
 * What is wrong with the links of a page: files that are not there, headings that no page has, addresses that are none. Other
 * sites are not asked.
 * @param file from the repository's root
 * @returns `README.md:12: packages/nothing is not there`, …
 */
export function brokenLinks(file: string, root: string, read = reader(root)): string[] {
  return read(file).links.flatMap(({ target, line }) => {
    const problem = problemOf(target, file, root, read)
    return problem === undefined ? [] : [`${file}:${line}: ${problem}`]
  })
}

/** Reads each page once. */
export function reader(root: string): (file: string) => Page {
  const known = new Map<string, Page>()
  return (file) => {
    const page = known.get(file) ?? readPage(readFileSync(join(root, file), 'utf8'))
    known.set(file, page)
    return page
  }
}

function problemOf(target: string, file: string, root: string, read: (file: string) => Page): string | undefined {
  if (/^[a-z]+:/i.test(target)) {
    if (!/^(https|mailto):/.test(target)) return `${target} is no safe address`
    return URL.canParse(target) ? undefined : `${target} is no address`
  }
  const [path = '', anchor] = target.split('#')
  const found = path === '' ? file : posix.normalize(posix.join(posix.dirname(file), path))
  if (path.startsWith('/') || found.startsWith('..')) return `${target} leads out of the repository`
  if (!existsSync(join(root, found))) return `${found} is not there`
  if (anchor === undefined) return undefined
  const page = statSync(join(root, found)).isDirectory() ? posix.join(found, 'README.md') : found
  if (!page.endsWith('.md')) return undefined
  return existsSync(join(root, page)) && read(page).anchors.has(anchor)
    ? undefined
    : `${page} has no heading #${anchor}`
}
