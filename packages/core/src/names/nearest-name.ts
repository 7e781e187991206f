import { closestMatch } from 'leven'

/** In words of so few letters another letter makes another word: `dgr` is not `der`, nor `gpu` `cpu`. */
const SHORT = 3

/**
 * The candidate that a mistyped name most likely meant, or undefined when none is near: for "did you mean …?".
 * Letters' case and the difference between `-` and `_` do not count.
 */
export function nearestName(name: string, candidates: readonly string[]): string | undefined {
  const plain = (text: string) => text.toLowerCase().replaceAll('-', '_')
  const byPlain = new Map(candidates.map((candidate) => [plain(candidate), candidate]))
  const wanted = plain(name)
  if (wanted === '') return undefined
  const short = wanted.length <= SHORT
  const similar = [...byPlain.keys()].filter(
    (candidate) => candidate === wanted || !short || candidate.length !== wanted.length,
  )
  const maxDistance = short ? 1 : Math.max(2, Math.floor(wanted.length / 3))
  const nearest =
    closestMatch(wanted, similar, { maxDistance }) ??
    // A beginning that was typed right (`l2` for `l2p`), …
    shortest(similar.filter((candidate) => candidate.startsWith(wanted))) ??
    // … or a word of it: `gpu` for `tfjs-node-gpu`.
    shortest(similar.filter((candidate) => candidate.split(/[_./]/).includes(wanted)))
  return nearest === undefined ? undefined : byPlain.get(nearest)
}

/** Of several of a length the first in the alphabet. */
const shortest = (names: readonly string[]): string | undefined =>
  [...names].sort((a, b) => a.length - b.length || (a < b ? -1 : 1))[0]
