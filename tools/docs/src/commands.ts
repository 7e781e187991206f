import type { Page } from './markdown'

/** A command as a page tells readers to type it. */
export interface ShownCommand {
  readonly line: number
  readonly words: readonly string[]
}

const shells = new Set(['sh', 'bash', 'powershell'])

/**
 * Every command of a page's blocks of shell; comments, variables before a command and what follows a pipe or `>` are left out.
 */
export function commandsOf({ fences }: Page): ShownCommand[] {
  return fences
    .filter(({ info }) => shells.has(info))
    .flatMap(({ text, line }) =>
      text
        .replaceAll(/\\\n/g, ' ')
        .split('\n')
        .flatMap((row, i) =>
          row
            .replace(/(^|\s)#.*$/, '')
            .split(/;|&&/)
            .map((part) => ({ line: line + 1 + i, words: wordsOf(part.split(/[|>]/)[0]!) }))
            .filter(({ words }) => words.length > 0),
        ),
    )
}

/** Words of a command, without quotes; `NAME=value` before it is left out. */
function wordsOf(command: string): string[] {
  const words = Array.from(command.matchAll(/(?:[^\s'"]|'[^']*'|"[^"]*")+/g), ([word]) => word.replaceAll(/['"]/g, ''))
  const first = words.findIndex((word) => !/^[A-Z_]+=/.test(word))
  return first < 0 ? [] : words.slice(first)
}

/** What stands behind `pilot`, however it is called; undefined for other commands. */
export function pilotArguments(words: readonly string[]): readonly string[] | undefined {
  const ways = [['pilot'], ['npx', 'pilot'], ['npm', 'run', 'pilot', '--']]
  const way = ways.find((start) => start.every((word, i) => words[i] === word))
  return way && words.slice(way.length)
}

/** The script that `npm run NAME` (also `start`, `test`) starts in the repository; undefined for other commands. */
export function npmScript(words: readonly string[]): string | undefined {
  if (words[0] !== 'npm') return undefined
  if (words[1] === 'run') return words[2]
  return words[1] === 'start' || words[1] === 'test' ? words[1] : undefined
}
