/**
 * The first key that occurs twice in one object of a JSON text, or undefined. `JSON.parse` keeps the last one silently.
 * @param json must be valid JSON
 */
export function duplicateKey(json: string): string | undefined {
  // Strings first, so that brackets and commas inside them do not count.
  const token = /"(?:[^"\\]|\\.)*"|[{}[\]:,]/g
  const open: (Set<string> | undefined)[] = []
  let previous: string | undefined
  for (const [text] of json.matchAll(token)) {
    if (text === '{') open.push(new Set())
    else if (text === '[') open.push(undefined)
    else if (text === '}' || text === ']') open.pop()
    else if (text === ':' && previous !== undefined) {
      const key = JSON.parse(previous) as string
      const seen = open.at(-1)!
      if (seen.has(key)) return key
      seen.add(key)
    }
    previous = text.startsWith('"') ? text : undefined
  }
  return undefined
}
