import { closestMatch } from 'leven'

/**
 * The candidate that a mistyped name most likely meant, or undefined when none is near: for "did you mean …?".
 * Letters' case and the difference between `-` and `_` do not count.
 */
export function nearestName(name: string, candidates: readonly string[]): string | undefined {
  const plain = (text: string) => text.toLowerCase().replaceAll('-', '_')
  const byPlain = new Map(candidates.map((candidate) => [plain(candidate), candidate]))
  const wanted = plain(name)
  const nearest = closestMatch(wanted, [...byPlain.keys()], { maxDistance: Math.max(2, Math.floor(wanted.length / 3)) })
  if (nearest !== undefined) return byPlain.get(nearest)
  // A beginning that was typed right: `l2` for `l2p`.
  const beginning = [...byPlain.keys()].find((candidate) => wanted !== '' && candidate.startsWith(wanted))
  return beginning === undefined ? undefined : byPlain.get(beginning)
}
