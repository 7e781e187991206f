import type { Terminal } from './terminal'

/** Control characters that could move the cursor, hide or rewrite lines; a line feed and a tab may stay. */
// eslint-disable-next-line no-control-regex -- these are control characters
const CONTROLS = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/gu
/** Characters that turn or reorder what stands around them (UAX #9), or are not seen at all. */
const BIDI = /[\u061c\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\u2028\u2029]/gu
/** Colours, as this command itself writes them. */
// eslint-disable-next-line no-control-regex -- escapes begin with a control character
const COLOUR = /(\u001b\[[\d;]*m)/u

const visible = (sign: string) => `\\u${sign.codePointAt(0)!.toString(16).padStart(4, '0')}`

/** A text whose colours work and whose other control characters are seen instead of obeyed. */
export const harmless = (text: string): string =>
  text
    .split(COLOUR)
    .map((part, index) => (index % 2 ? part : part.replace(CONTROLS, visible).replace(BIDI, visible)))
    .join('')

/** A name of somebody's (a class, a path, a key) as a part of a line: it can neither colour nor end the line. */
export const oneLine = (name: string): string =>
  name
    .replace(CONTROLS, visible)
    .replace(BIDI, visible)
    .replace(/[\n\t]/g, visible)

/** A terminal that obeys nothing but colours, whatever is written to it. */
export const harmlessTerminal = (terminal: Terminal): Terminal =>
  Object.create(terminal, {
    out: { value: (text: string) => terminal.out(harmless(text)) },
    err: { value: (text: string) => terminal.err(harmless(text)) },
  }) as Terminal
