import { mkdtempSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, describe, expect, it } from 'vitest'
import { brokenLinks, reader } from './broken-links'
import { markdownFiles } from './markdown-files'
import { allPages, sectionsOf } from './pages'

const root = fileURLToPath(new URL('../../../', import.meta.url))

describe('links of the papers', () => {
  it('lead to what is there', () => {
    const files = markdownFiles(root)
    expect(files).toEqual(
      expect.arrayContaining(['README.md', 'docs/guides/get-started.md', 'packages/core/README.md']),
    )
    const read = reader(root)
    expect(files.flatMap((file) => brokenLinks(file, root, read))).toEqual([])
  })

  const folder = mkdtempSync(join(tmpdir(), 'pilot-links-'))
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  it('are found broken where they are', () => {
    mkdirSync(join(folder, 'packages/core'), { recursive: true })
    writeFileSync(join(folder, 'packages/core/README.md'), '# Core\n\n## `train`, the loop\n\n## Same\n\n## Same\n')
    const lines = [
      '---\norder: 1\n---\n# Title\n',
      '[a](packages/core#train-the-loop) [b](packages/core/README.md#same-1) [c](#title) <https://example.org>',
      '[a](packages/cor) ![b](x.png)\n',
      '[a](packages/core#loop)',
      '[a](../elsewhere) [b](http://example.org) [c](/packages)\n',
      '```md\n[not a link](nowhere)\n```\n',
    ]
    writeFileSync(join(folder, 'README.md'), lines.join('\n'))
    expect(brokenLinks('README.md', folder)).toEqual([
      'README.md:6: packages/cor is not there',
      'README.md:6: x.png is not there',
      'README.md:9: packages/core/README.md has no heading #loop',
      'README.md:9: ../elsewhere leads out of the repository',
      'README.md:9: http://example.org is no safe address',
      'README.md:9: /packages leads out of the repository',
    ])
  })
})

it('every page of the site has a title and a place of its own', () => {
  const pages = allPages(sectionsOf(root))
  expect(new Set(pages.map(({ path }) => path)).size).toBe(pages.length)
  expect(pages.filter(({ title, path }) => title === path)).toEqual([])
})
