import { slug } from 'github-slugger'
import MarkdownIt from 'markdown-it'
import type { Token } from 'markdown-it/index.js'

const parser = new MarkdownIt({ html: true })

/** A link or an image of a page, and the line of the paragraph it stands in. */
export interface Link {
  readonly target: string
  readonly line: number
}

/** A block of code, and the line it begins on. */
export interface Fence {
  /** What stands behind the fence: `ts`, `ts no-run`, `sh`, … */
  readonly info: string
  readonly text: string
  readonly line: number
}

/** What a page of Markdown refers to, and what others may refer to in it. */
export interface Page {
  readonly links: readonly Link[]
  /** Anchors of its headings, as GitHub and the site make them. */
  readonly anchors: ReadonlySet<string>
  readonly fences: readonly Fence[]
  /** Its first heading of the first level. */
  readonly title: string | undefined
}

/** Reads a page of Markdown; a frontmatter is passed over. */
export function readPage(markdown: string): Page {
  const frontmatter = /^---\n[^]*?\n---\n/.exec(markdown)?.[0] ?? ''
  // Lines stay what they are in the file.
  const text = '\n'.repeat(frontmatter.split('\n').length - 1) + markdown.slice(frontmatter.length)
  const tokens = parser.parse(text, {})
  const links: Link[] = []
  const fences: Fence[] = []
  const headings: { level: string; text: string }[] = []
  tokens.forEach((token, i) => {
    const line = (token.map?.[0] ?? 0) + 1
    if (token.type === 'fence') fences.push({ info: token.info.trim(), text: token.content, line })
    if (token.type === 'heading_open') headings.push({ level: token.tag, text: plainText(tokens[i + 1]!) })
    for (const child of token.children ?? []) {
      const target = child.attrGet(child.type === 'image' ? 'src' : 'href')
      if (target !== null) links.push({ target: decodeURI(target), line })
    }
  })
  return {
    links,
    fences,
    anchors: new Set(numbered(headings.map(({ text }) => slug(text)))),
    title: headings.find(({ level }) => level === 'h1')?.text,
  }
}

const plainText = ({ children }: Token): string =>
  (children ?? []).map(({ type, content }) => (type === 'text' || type === 'code_inline' ? content : '')).join('')

/** The second heading of a name gets `-1`, and so on. */
function numbered(slugs: readonly string[]): string[] {
  const seen = new Map<string, number>()
  return slugs.map((name) => {
    const before = seen.get(name) ?? 0
    seen.set(name, before + 1)
    return before === 0 ? name : `${name}-${before}`
  })
}
