import { readFileSync, readdirSync, existsSync } from 'node:fs'
import { join } from 'node:path'

/** A program as it stands in a README. */
export interface Program {
  /** `packages/core/README.md:12`, where it begins. */
  readonly place: string
  readonly text: string
  /** Whether it can run here; one that needs a network, a bundler or a test runner says ```` ```ts no-run ````. */
  readonly runs: boolean
}

const fence = /^```ts(?<mark> no-run)?\n(?<text>[^]*?)^```$/gm

/** The TypeScript programs of a page of Markdown. */
export function programsOf(file: string, markdown: string): Program[] {
  return Array.from(markdown.matchAll(fence), ({ groups, index }) => ({
    place: `${file}:${markdown.slice(0, index).split('\n').length + 1}`,
    text: groups!.text!,
    runs: groups!.mark === undefined,
  }))
}

/** Every README of the repository, and every guide. */
export function readmes(root: string): string[] {
  const below = (folder: string) => readdirSync(join(root, folder)).map((name) => `${folder}/${name}/README.md`)
  const guides = readdirSync(join(root, 'docs/guides')).map((name) => `docs/guides/${name}`)
  const all = ['README.md', ...guides, ...['packages', 'packages/methods', 'examples', 'tools'].flatMap(below)]
  return all.filter((file) => existsSync(join(root, file)))
}

export const readPrograms = (root: string): Program[] =>
  readmes(root).flatMap((file) => programsOf(file, readFileSync(join(root, file), 'utf8')))
