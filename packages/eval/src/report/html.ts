/** HTML that is already safe to put in a page. */
export class Html {
  constructor(readonly text: string) {}
}

type Part = Html | string | number | null | undefined | readonly Part[]

/** A template for HTML: texts are escaped, `Html` and lists of it are put in as they are, null and undefined are left out. */
export function html(strings: TemplateStringsArray, ...parts: readonly Part[]): Html {
  return new Html(strings.reduce((text, piece, index) => text + render(parts[index - 1]) + piece))
}

/** A text that is markup already: a style sheet, a script. */
export const raw = (text: string) => new Html(text)

function render(part: Part): string {
  if (part === null || part === undefined) return ''
  if (part instanceof Html) return part.text
  if (typeof part === 'string' || typeof part === 'number') return escape(String(part))
  return part.map(render).join('')
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

const escape = (text: string) => text.replace(/[&<>"']/g, (sign) => ENTITIES[sign]!)

/** JSON for a script element: no sign in it can end the element. */
export const jsonScript = (value: unknown) => raw(JSON.stringify(value).replaceAll('<', '\\u003c'))

/** A script's text with nothing in it that could end its element. */
export const scriptText = (code: string) => raw(code.replaceAll('</script', '<\\/script'))
