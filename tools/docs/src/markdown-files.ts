import { readdirSync } from 'node:fs'
import { join } from 'node:path'

const passedOver = new Set([
  'node_modules',
  'dist',
  '.git',
  '.pages',
  '.changeset',
  '.programs',
  'site',
  'runs',
  'coverage',
])

/** Every file of Markdown in the repository, from its root. */
export function markdownFiles(root: string, folder = ''): string[] {
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = folder === '' ? entry.name : `${folder}/${entry.name}`
    if (entry.isDirectory()) return passedOver.has(entry.name) ? [] : markdownFiles(root, path)
    return entry.isFile() && entry.name.endsWith('.md') ? [path] : []
  })
}
