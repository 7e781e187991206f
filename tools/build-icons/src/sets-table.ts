import type { IconSet } from '@pilotjs/icons-100'
import type { Icons100 } from './icons-100'

/** Markdown: every set with drawings in Icons-100, its author, licence, family, split and number of drawings. */
export function setsTable(sets: ReadonlyMap<string, IconSet>, stream: Icons100): string {
  const counts = new Map<string, number>()
  for (const { icon } of [...stream.train, ...stream.test].flat()) {
    counts.set(icon.set, (counts.get(icon.set) ?? 0) + 1)
  }
  const rows = [...counts.keys()].sort().map((prefix) => {
    const { name, author, licence, url, family } = sets.get(prefix)!
    const by = url ? `[${cell(author) || cell(url)}](${url})` : cell(author)
    const split = stream.testFamilies.has(family) ? 'test' : 'train'
    return `| ${prefix} | ${cell(name)} | ${by} | ${licence} | ${family} | ${split} | ${counts.get(prefix)} |`
  })
  return `# The icon sets of Icons-100

Written by \`tools/build-icons\`. Every drawing is a 32 × 32 rendering of an icon of one of these sets, which the data
file names for each image. The drawings stay under the licence of their set.

| set | name | author | licence | family | split | drawings |
| --- | --- | --- | --- | --- | --- | ---: |
${rows.join('\n')}
`
}

const cell = (text: string) => text.replaceAll('|', '\\|').replaceAll('[', '(').replaceAll(']', ')')
