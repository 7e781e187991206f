import { existsSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build, serve } from 'vitepress'
import { entriesOf } from './entries'
import { allPages, sectionsOf } from './pages'
import { referencePath } from './reference-path'
import { writePages } from './write-pages'
import { writeReference } from './write-reference'

const root = fileURLToPath(new URL('../../../', import.meta.url))
const here = join(root, 'tools/docs')
const folder = join(here, '.pages')

/** `npm run docs [-- --serve] [--base /pilotjs/]`: the site, in `site/`. */
async function main(args: readonly string[]): Promise<void> {
  const base = args[args.indexOf('--base') + 1]
  rmSync(folder, { recursive: true, force: true })
  console.log('Reading doc comments …')
  const entries = entriesOf(root)
  await writeReference(entries, root, join(folder, 'api'))
  writePages(allPages(sectionsOf(root)), root, folder)
  console.log('Building the site …')
  await build(here, args.includes('--base') && base !== undefined ? { base } : {})
  // VitePress looks for what pages link to, not for what its own menus do.
  const missing = entries.map(referencePath).filter((path) => !existsSync(join(root, 'site', `${path}.html`)))
  if (missing.length > 0) throw new Error(`the site has no ${missing.join(', ')}`)
  console.log('The site is in site/; npm run docs -- --serve shows it on this machine.')
  if (args.includes('--serve')) await serve({ root: here, port: 4173 })
}

await main(process.argv.slice(2))
