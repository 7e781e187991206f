import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { slug } from 'github-slugger'
import { defineConfig } from 'vitepress'
import { entriesOf } from '../src/entries'
import type { SitePage } from '../src/pages'
import { allPages, repository, sectionsOf } from '../src/pages'
import { siteLink } from '../src/site-link'
import { referencePath } from '../src/reference-path'

const root = fileURLToPath(new URL('../../../', import.meta.url))
const sections = sectionsOf(root)
const pages = new Map(allPages(sections).map((page) => [page.source, page]))

const items = (section: readonly SitePage[]) =>
  section.map(({ title, path }) => ({ text: short(title), link: `/${path}` }))
const short = (title: string) => title.replace('@pilotjs/', '')
const reference = entriesOf(root).map((entry) => ({ text: short(entry.name), link: `/${referencePath(entry)}` }))
const papers = [
  { text: 'Guides', items: items(sections.guides) },
  { text: 'Project', items: items(sections.project) },
  { text: 'Packages', collapsed: true, items: items(sections.packages) },
  { text: 'Methods', collapsed: true, items: items(sections.methods) },
]

export default defineConfig({
  title: 'pilotjs',
  description: 'Continual learning with pre-trained models, in TypeScript',
  lang: 'en',
  srcDir: '.pages',
  outDir: join(root, 'site'),
  cacheDir: '.cache',
  // Large pages of the API reference are meant to be.
  vite: { build: { chunkSizeWarningLimit: 4000 } },
  markdown: {
    // The anchors that GitHub makes of the same headings.
    anchor: { slugify: (text) => slug(text) },
    config(md) {
      md.core.ruler.push('site-links', ({ tokens, env }) => {
        const { source } = (env as { frontmatter?: { source?: string } }).frontmatter ?? {}
        if (source === undefined) return
        for (const token of tokens.flatMap(({ children }) => children ?? [])) {
          const isImage = token.type === 'image'
          const attribute = isImage ? 'src' : 'href'
          const target = token.attrGet(attribute)
          if (target !== null) token.attrSet(attribute, siteLink(target, source, pages, root, isImage).address)
        }
      })
    },
  },
  themeConfig: {
    nav: [
      { text: 'Guides', link: '/guides/get-started', activeMatch: '/guides/' },
      { text: 'Methods', link: '/guides/choose-a-method', activeMatch: '/methods/' },
      { text: 'API', link: `/${referencePath({ name: '@pilotjs/core' })}`, activeMatch: '/api/' },
    ],
    sidebar: { '/api/': [{ text: 'API reference', items: reference }], '/': papers },
    outline: { level: [2, 3] },
    search: { provider: 'local' },
    socialLinks: [{ icon: 'github', link: repository }],
    footer: { message: 'MIT licence' },
  },
})
