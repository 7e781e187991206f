import { CLASSES } from './classes'
import { holdOut } from './hold-out'
import type { Catalogue } from './icon-sets'
import { MISTAKEN } from './mistaken'
import { NearDuplicates } from './near-duplicates'
import type { SplitDrawings } from './pack'
import type { Drawing } from './render'
import { candidates, distinct, renderClasses } from './select'

/** About a quarter of the drawings is for testing. */
const TEST_SHARE = 0.25

/** A family with more than this share of all drawings always trains. */
const LARGEST_TEST_FAMILY = 0.03

const DISTINCT = { perSet: 3, sameInSet: 0.95 }

export interface Icons100 {
  train: SplitDrawings
  test: SplitDrawings
  testFamilies: Set<string>
  /** test drawings left out because training has nearly the same */
  removed: number
  /** all of them, and those that turned out to show something else: what pre-training must not see */
  drawn: Drawing[]
}

/**
 * The families whose drawings only test: chosen by a hash of their names, not by what a learner makes of them.
 */
export function testFamilies(catalogue: Catalogue): Set<string> {
  const counts = new Map<string, number>()
  for (const concepts of Object.values(CLASSES)) {
    for (const icon of candidates(catalogue, concepts, () => true)) {
      const { family } = catalogue.sets.get(icon.set)!
      counts.set(family, (counts.get(family) ?? 0) + 1)
    }
  }
  return holdOut(counts, 'icons-100', TEST_SHARE, LARGEST_TEST_FAMILY)
}

/**
 * Draws the 100 classes and splits them by family; no test drawing is nearly a training drawing of any class, and none is known
 * to show another thing.
 */
export async function makeIcons100(catalogue: Catalogue, onProgress?: (done: number) => void): Promise<Icons100> {
  const families = testFamilies(catalogue)
  const icons = Object.values(CLASSES).map((concepts) => candidates(catalogue, concepts, () => true))
  const drawings = await renderClasses(icons, onProgress)
  const tests = ({ icon }: Drawing) => families.has(catalogue.sets.get(icon.set)!.family)
  const train = drawings.map((drawing) =>
    distinct(
      drawing.filter((d) => !tests(d)),
      DISTINCT,
    ),
  )
  const known = new NearDuplicates()
  for (const { shape } of train.flat()) known.add(shape)
  let removed = 0
  const test = drawings.map((drawing) =>
    distinct(drawing.filter(tests), DISTINCT).filter(({ shape }) => {
      if (!known.has(shape)) return true
      removed++
      return false
    }),
  )
  const drawn = [...train, ...test].flat()
  return { ...withoutMistaken({ train, test }), testFamilies: families, removed, drawn }
}

/**
 * Takes out the drawings of something else. They go last, so that no other drawing of their set takes their place unseen.
 * @throws if a listed drawing is not there: the list is of another release of @iconify/json
 */
function withoutMistaken(splits: Record<'train' | 'test', SplitDrawings>): Record<'train' | 'test', SplitDrawings> {
  const lists = Object.keys(CLASSES).map((name) => new Set(MISTAKEN[name]?.icons))
  const right = (drawings: Drawing[], label: number) =>
    drawings.filter(({ icon }) => !lists[label]!.delete(`${icon.set}:${icon.name}`))
  const reviewed = { train: splits.train.map(right), test: splits.test.map(right) }
  const missing = lists.flatMap((list) => [...list])
  if (missing.length > 0) throw new Error(`mistaken.ts lists drawings that were not made: ${missing.join(', ')}.`)
  return reviewed
}
