import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Command } from 'commander'
import { describe, expect, it } from 'vitest'
import { commandLine } from '../../../packages/cli/src/main'
import { reader } from './broken-links'
import { commandsOf, npmScript, pilotArguments } from './commands'
import { readPage } from './markdown'
import { allPages, sectionsOf } from './pages'

const root = fileURLToPath(new URL('../../../', import.meta.url))
const files = ['README.md', ...allPages(sectionsOf(root)).map(({ source }) => source)]
const read = reader(root)
const shown = files.flatMap((file) =>
  commandsOf(read(file)).map((command) => ({ ...command, place: `${file}:${command.line}` })),
)

/** The command line as it is, but that it does nothing with what it has understood. */
function idle(): Command {
  const silent = { out: () => undefined, err: () => undefined }
  const root = commandLine(silent as unknown as Parameters<typeof commandLine>[0])
  for (const each of [root, ...root.commands]) {
    each.exitOverride().configureOutput({ writeErr: () => undefined, writeOut: () => undefined })
    if (each !== root) each.action(() => undefined)
  }
  return root
}

describe('commands in the papers', () => {
  it('are understood by pilot', () => {
    const problems = shown.flatMap(({ words, place }) => {
      const args = pilotArguments(words)
      if (args === undefined) return []
      try {
        idle().parse([...args], { from: 'user' })
        return []
      } catch (error) {
        const { code, message } = error as { code?: string; message: string }
        return code === 'commander.helpDisplayed' || code === 'commander.version' ? [] : [`${place}: ${message}`]
      }
    })
    expect(problems).toEqual([])
    expect(shown.filter(({ words }) => pilotArguments(words)).length).toBeGreaterThan(20)
  })

  it('are scripts of the repository where npm is to run them', () => {
    const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
      scripts: Record<string, string>
    }
    const own = shown.filter(({ place }) => /^(README|CONTRIBUTING|docs|examples)/.test(place))
    const named = own.flatMap(({ words }) => npmScript(words) ?? []).filter((name) => !(name in scripts))
    expect(named).toEqual([])
  })

  it('are found in blocks of shell only', () => {
    const page = readPage(
      '```sh\nA=1 npx pilot run l2p --set x="1 2" # why\ncd x && npm test | tail\n```\n```ts\npilot\n```\n',
    )
    expect(commandsOf(page)).toEqual([
      { line: 2, words: ['npx', 'pilot', 'run', 'l2p', '--set', 'x=1 2'] },
      { line: 3, words: ['cd', 'x'] },
      { line: 3, words: ['npm', 'test'] },
    ])
    expect(() => idle().parse(['run', 'l2p', '--dta', 'x'], { from: 'user' })).toThrow('--dta')
  })
})
