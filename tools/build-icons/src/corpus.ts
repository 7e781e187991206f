import { isNearStreamClass } from './exclusions'
import { holdOut } from './hold-out'
import type { Icons100 } from './icons-100'
import type { Catalogue } from './icon-sets'
import { NearDuplicates } from './near-duplicates'
import type { SplitDrawings } from './pack'
import { candidates, distinct, renderClasses } from './select'

/** A concept is worth learning when so many sets draw it, not counting those that Icons-100 tests on. */
const LEAST_SETS = 3

/** Weights of one design are kept apart more readily than in Icons-100: here they only add variety. */
const DISTINCT = { perSet: 4, sameInSet: 0.97 }

/** And is a stream class under another name when more than this share of its drawings are nearly drawings of the stream. */
const SAME_AS_STREAM = 0.1

/** Share of the drawings held out for validation, and the largest family to hold out. */
const VALIDATION_SHARE = 0.03
const LARGEST_VALIDATION_FAMILY = 0.01

export interface Corpus {
  classNames: string[]
  train: SplitDrawings
  validation: SplitDrawings
  validationFamilies: Set<string>
  /** concepts left out because their drawings are drawings of the stream */
  sameAsStream: string[]
}

/**
 * Draws the pre-training corpus: all concepts but those of Icons-100 and what resembles them, without the families that
 * Icons-100 tests on, and without any drawing that nearly is one of Icons-100.
 */
export async function makeCorpus(
  catalogue: Catalogue,
  stream: Icons100,
  onProgress?: (done: number) => void,
): Promise<Corpus> {
  const family = (set: string) => catalogue.sets.get(set)!.family
  const accept = (set: string) => !stream.testFamilies.has(family(set))
  const names = [...catalogue.concepts.keys()].filter(
    (concept) =>
      !isNearStreamClass(concept) && [...catalogue.concepts.get(concept)!.keys()].filter(accept).length >= LEAST_SETS,
  )
  const drawings = await renderClasses(
    names.map((name) => candidates(catalogue, [name], accept)),
    onProgress,
  )
  const streamDrawings = new NearDuplicates()
  for (const { shape } of stream.drawn) streamDrawings.add(shape)
  const counts = new Map<string, number>()
  const sameAsStream: string[] = []
  const kept: { name: string; drawings: SplitDrawings[number] }[] = []
  drawings.forEach((own, i) => {
    const all = distinct(own, DISTINCT)
    const fresh = all.filter(({ shape }) => !streamDrawings.has(shape))
    if (fresh.length < (1 - SAME_AS_STREAM) * all.length) {
      sameAsStream.push(names[i]!)
      return
    }
    if (fresh.length < LEAST_SETS) return
    kept.push({ name: names[i]!, drawings: fresh })
    for (const { icon } of fresh) counts.set(family(icon.set), (counts.get(family(icon.set)) ?? 0) + 1)
  })
  const validationFamilies = holdOut(counts, 'pre-training', VALIDATION_SHARE, LARGEST_VALIDATION_FAMILY)
  const validates = (set: string) => validationFamilies.has(family(set))
  return {
    classNames: kept.map(({ name }) => name),
    train: kept.map((k) => k.drawings.filter(({ icon }) => !validates(icon.set))),
    validation: kept.map((k) => k.drawings.filter(({ icon }) => validates(icon.set))),
    validationFamilies,
    sameAsStream,
  }
}
