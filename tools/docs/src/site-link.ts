import { existsSync, statSync } from 'node:fs'
import { join, posix } from 'node:path'
import type { SitePage } from './pages'
import { repository } from './pages'

/** What became of a link: an address on the site or elsewhere, and the file it brings along. */
export interface SiteLink {
  readonly address: string
  /** A file of the repository that the site has to hold, such as an image. */
  readonly media?: string
}

const isElsewhere = (target: string) => /^[a-z]+:|^#|^\/\//i.test(target)

/**
 * A link as it stands in a file of the repository, as the site has it: to a page of the site where the file is one, to a copy
 * where it is an image, else to the repository.
 * @param source the file it stands in
 * @param pages by their file
 */
export function siteLink(
  target: string,
  source: string,
  pages: ReadonlyMap<string, SitePage>,
  root: string,
  isImage = false,
): SiteLink {
  if (isElsewhere(target)) return { address: target }
  const [path = '', anchor] = target.split('#')
  const file = posix.normalize(posix.join(posix.dirname(source), path)).replace(/\/$/, '')
  if (isImage) return { address: `/media/${file}`, media: file }
  const page =
    pages.get(file) ?? pages.get(`${file}/README.md`) ?? (file === 'README.md' ? pages.get('docs/index.md') : undefined)
  const suffix = anchor === undefined ? '' : `#${anchor}`
  if (page) return { address: `/${page.path}.md${suffix}` }
  const full = join(root, file)
  const kind = existsSync(full) && statSync(full).isDirectory() ? 'tree' : 'blob'
  return { address: `${repository}/${kind}/main/${file}${suffix}` }
}
