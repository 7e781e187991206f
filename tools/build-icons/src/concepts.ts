/**
 * What an icon's name says it shows, with everything that says how it is drawn taken off:
 * `alarm-clock-outline-rounded`, `ios-alarm-clock` and `alarm-clock-02-filled` are all `alarm-clock`.
 */

/** Words that only ever tell the style or the grid of a drawing. */
const STYLE_WORDS = new Set(
  (
    'outline outlined outlines filled fill solid duotone twotone linear broken rounded baseline sharp regular remix duo ' +
    'stroke expressive glyph o alt alternate alternative variant icon symbol freeform minimalistic ios md micro mini ' +
    'one two three four five six seven eight nine ten ltr rtl'
  ).split(' '),
)

/** Words in front of a name that only ever tell the set or the style. */
const PREFIX_WORDS = new Set(['ios', 'md', 'bx', 'bxs', 'baseline', 'outline', 'round', 'sharp', 'twotone', 'icon'])

/** Names about which no concept is made: skin-tone variants of emoji (one person, six colours) and national flags. */
const SKIPPED =
  /skin-tone|^flag-|^logo-|-logo$|^brand-|^bxl-|^file-type-|^folder-type-|^alpha-|-loop$|-transition$|^[a-z0-9]$/

const isSize = (word: string) => /^\d+(px|x\d+)?$/.test(word)

export interface SetNaming {
  /** Style suffixes that the set declares, longest first, for example `outline-rounded`. */
  suffixes: string[]
  /** Style prefixes that the set declares, for example `baseline`. */
  prefixes: string[]
}

/**
 * The concept an icon's name stands for, or `undefined` when the name is of a kind that is left out.
 *
 * @param name the icon's name in its set, words joined with `-`
 * @param naming the style suffixes and prefixes that the set itself declares
 */
export function conceptOf(name: string, naming: SetNaming): string | undefined {
  if (SKIPPED.test(name)) return undefined
  let rest = name
  for (const prefix of naming.prefixes) {
    if (rest.startsWith(`${prefix}-`)) {
      rest = rest.slice(prefix.length + 1)
      break
    }
  }
  for (const suffix of naming.suffixes) {
    if (rest.endsWith(`-${suffix}`)) {
      rest = rest.slice(0, -suffix.length - 1)
      break
    }
  }
  const words = rest.split('-')
  while (words.length > 1 && PREFIX_WORDS.has(words[0]!)) words.shift()
  while (words.length > 1 && (STYLE_WORDS.has(words.at(-1)!) || isSize(words.at(-1)!))) words.pop()
  // `battery1`, `layers2`: a counter written without a dash
  const last = words.pop()!
  words.push(/^[a-z]{3,}\d$/.test(last) ? last.slice(0, -1) : last)
  const concept = words.join('-')
  return SKIPPED.test(concept) || /^\d/.test(concept) || concept.length < 2 ? undefined : concept
}

/**
 * Joins each plural with its singular where both occur (`scissors` has no singular and stays).
 *
 * @param concepts every concept found
 * @returns a function from a concept to the one it is counted as
 */
export function joinPlurals(concepts: ReadonlySet<string>): (concept: string) => string {
  return (concept) => {
    if (!concept.endsWith('s') || concept.endsWith('ss')) return concept
    const singular = concept.slice(0, -1)
    return singular.length > 2 && concepts.has(singular) ? singular : concept
  }
}
