import { createHash } from 'node:crypto'

/**
 * Chooses families for a held-out split: in the order of a hash of their names, families are taken until `share` of all
 * drawings is reached. Families with more than `largest` of all drawings stay in training, where they are worth most.
 *
 * @param counts drawings per family
 * @param salt makes one split independent of another
 */
export function holdOut(
  counts: ReadonlyMap<string, number>,
  salt: string,
  share: number,
  largest: number,
): Set<string> {
  const total = [...counts.values()].reduce((sum, count) => sum + count, 0)
  const hash = (family: string) => createHash('sha256').update(`${salt} ${family}`).digest('hex')
  const order = [...counts.keys()].sort((a, b) => (hash(a) < hash(b) ? -1 : 1))
  const chosen = new Set<string>()
  let taken = 0
  for (const family of order) {
    if (taken >= share * total) break
    if (counts.get(family)! > largest * total) continue
    chosen.add(family)
    taken += counts.get(family)!
  }
  return chosen
}
