import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { readPage } from './markdown'
import type { SitePage } from './pages'
import { siteLink } from './site-link'

/**
 * Copies pages, and the images that they show, to where the site is built from. Each is told its file in the frontmatter, from
 * which its links are read.
 */
export function writePages(pages: readonly SitePage[], root: string, folder: string): void {
  const bySource = new Map(pages.map((page) => [page.source, page]))
  for (const { source, path } of pages) {
    const markdown = readFileSync(join(root, source), 'utf8')
    const file = join(folder, `${path}.md`)
    mkdirSync(dirname(file), { recursive: true })
    const own = markdown.startsWith('---\n') ? markdown.slice('---\n'.length) : `---\n\n${markdown}`
    writeFileSync(file, `---\nsource: ${source}\n${own}`)
    for (const { target } of readPage(markdown).links) {
      const { media } = siteLink(target, source, bySource, root, /\.(png|svg|jpg)$/.test(target))
      if (media === undefined) continue
      const copy = join(folder, 'public/media', media)
      mkdirSync(dirname(copy), { recursive: true })
      cpSync(join(root, media), copy)
    }
  }
}
