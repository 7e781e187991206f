import { existsSync, readFileSync, readdirSync } from 'node:fs'
import { join, posix } from 'node:path'
import { readPage } from './markdown'

/** A page of the site, and the file of the repository that it is. */
export interface SitePage {
  /** Of the repository: `packages/core/README.md`. */
  readonly source: string
  /** On the site, without extension: `packages/core`. */
  readonly path: string
  readonly title: string
}

/** Where the repository is read by those who do not have it. */
export const repository = 'https://github.com/pilotjs/pilotjs'

const named = (root: string, source: string, path: string): SitePage => ({
  source,
  path,
  title: readPage(readFileSync(join(root, source), 'utf8')).title ?? path,
})

const foldersWithReadme = (root: string, folder: string, section: string): SitePage[] =>
  readdirSync(join(root, folder))
    .filter((name) => existsSync(join(root, folder, name, 'README.md')))
    .map((name) => named(root, `${folder}/${name}/README.md`, `${section}/${name}`))

/** Guides in the order that a reader meets them; one that says no `order:` in its frontmatter comes last. */
function guides(root: string): SitePage[] {
  const order = (source: string) =>
    Number(/^---\n[^]*?^order: (\d+)$[^]*?^---$/m.exec(readFileSync(join(root, source), 'utf8'))?.[1] ?? 1000)
  return readdirSync(join(root, 'docs/guides'))
    .filter((name) => name.endsWith('.md'))
    .map((name) => `docs/guides/${name}`)
    .sort((a, b) => order(a) - order(b))
    .map((source) => named(root, source, `guides/${posix.basename(source, '.md')}`))
}

/** All pages of the site but the API reference, by section. */
export interface Sections {
  readonly home: readonly SitePage[]
  readonly guides: readonly SitePage[]
  readonly packages: readonly SitePage[]
  readonly methods: readonly SitePage[]
  readonly project: readonly SitePage[]
}

/** What the site is made of. @param root the repository's folder */
export const sectionsOf = (root: string): Sections => ({
  home: [{ ...named(root, 'docs/index.md', 'index'), title: 'pilotjs' }],
  guides: guides(root),
  packages: foldersWithReadme(root, 'packages', 'packages'),
  methods: foldersWithReadme(root, 'packages/methods', 'methods'),
  project: [
    named(root, 'examples/README.md', 'examples'),
    named(root, 'docs/ledger.md', 'ledger'),
    named(root, 'CONTRIBUTING.md', 'contributing'),
    named(root, 'ARCHITECTURE.md', 'architecture'),
  ],
})

export const allPages = (sections: Sections): SitePage[] => Object.values(sections).flat()
