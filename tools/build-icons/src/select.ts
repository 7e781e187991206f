import type { Catalogue, Icon } from './icon-sets'
import { NearDuplicates } from './near-duplicates'
import type { Drawing } from './render'
import { render } from './render'

/** Variants of one concept in one set that are looked at, spread evenly over their names. */
const CANDIDATES = 6

/** What counts as another drawing of the same thing. */
export interface Distinctness {
  /** at most so many drawings from one set */
  perSet: number
  /** drawings of one set with a higher cosine than this are the same drawing in another weight */
  sameInSet: number
}

/** The icons to render for one class: per set, a few variants of each of the class's concepts, no SVG twice. */
export function candidates(catalogue: Catalogue, concepts: string[], accept: (set: string) => boolean): Icon[] {
  const bySet = new Map<string, Icon[]>()
  const seen = new Set<string>()
  for (const concept of concepts) {
    for (const [set, icons] of catalogue.concepts.get(concept) ?? []) {
      if (!accept(set)) continue
      const fresh = icons.filter(({ svg }) => !seen.has(svg) && seen.add(svg))
      bySet.set(set, [...(bySet.get(set) ?? []), ...fresh])
    }
  }
  return [...bySet.keys()].sort().flatMap((set) => spread(bySet.get(set)!, CANDIDATES))
}

function spread<T>(items: T[], count: number): T[] {
  if (items.length <= count) return items
  return Array.from({ length: count }, (_, i) => items[Math.floor((i * items.length) / count)]!)
}

/** Of the drawings of one class, a few truly different ones per set, and none that another set has already. */
export function distinct(drawings: Drawing[], { perSet: most, sameInSet }: Distinctness): Drawing[] {
  const all = new NearDuplicates()
  const perSet = new Map<string, { kept: NearDuplicates; count: number }>()
  return drawings.filter((drawing) => {
    let own = perSet.get(drawing.icon.set)
    if (!own) perSet.set(drawing.icon.set, (own = { kept: new NearDuplicates(sameInSet), count: 0 }))
    if (own.count === most || own.kept.has(drawing.shape) || !all.add(drawing.shape)) return false
    own.kept.add(drawing.shape)
    own.count++
    return true
  })
}

/** Renders the candidates of many classes at once; drawings on which nothing shows are left out. */
export async function renderClasses(classes: Icon[][], onProgress?: (done: number) => void): Promise<Drawing[][]> {
  const drawings = await render(classes.flat(), onProgress)
  let offset = 0
  return classes.map((icons) =>
    drawings.slice(offset, (offset += icons.length)).filter((drawing) => drawing !== undefined),
  )
}
