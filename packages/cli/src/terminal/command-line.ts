/** How this command is called from where it was started: `pilot`, or through npm in a clone of the repository. */
export const programName = ({ npm_package_name: name, npm_lifecycle_event: script }: NodeJS.ProcessEnv): string =>
  name === 'pilotjs' && script !== undefined ? 'npm run pilot --' : 'pilot'

/** A command to be typed or pasted, its words quoted where a shell needs that. */
export const command = ({ program }: { readonly program: string }, ...words: readonly string[]): string =>
  [program, ...words.map(quoted)].join(' ')

/** A word as a POSIX shell takes it literally. */
export const quoted = (word: string): string =>
  /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`
