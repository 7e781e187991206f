import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import type { SitePage } from './pages'
import { siteLink } from './site-link'

const root = fileURLToPath(new URL('../../../', import.meta.url))
const pages = new Map(
  [
    { source: 'docs/index.md', path: 'index', title: 'Home' },
    { source: 'packages/core/README.md', path: 'packages/core', title: 'core' },
    { source: 'packages/methods/aper/README.md', path: 'methods/aper', title: 'aper' },
  ].map((page): [string, SitePage] => [page.source, page]),
)
const link = (target: string, source = 'packages/methods/aper/README.md', isImage = false) =>
  siteLink(target, source, pages, root, isImage)

describe('siteLink', () => {
  it('leads to a page of the site, by its file or its folder', () => {
    expect(link('../../core/README.md#engines')).toEqual({ address: '/packages/core.md#engines' })
    expect(link('packages/core/', 'README.md')).toEqual({ address: '/packages/core.md' })
    expect(link('../README.md', 'docs/ledger.md')).toEqual({ address: '/index.md' })
  })

  it('leads to the repository for everything else', () => {
    expect(link('package.json')).toEqual({
      address: 'https://github.com/pilotjs/pilotjs/blob/main/packages/methods/aper/package.json',
    })
    expect(link('../../../tools/parity')).toEqual({
      address: 'https://github.com/pilotjs/pilotjs/tree/main/tools/parity',
    })
  })

  it('brings images along, and leaves other addresses alone', () => {
    expect(link('docs/x.png', 'packages/icons-100/README.md', true)).toEqual({
      address: '/media/packages/icons-100/docs/x.png',
      media: 'packages/icons-100/docs/x.png',
    })
    expect(link('https://example.org/a#b')).toEqual({ address: 'https://example.org/a#b' })
    expect(link('#options')).toEqual({ address: '#options' })
  })
})
