import type { PrefixPair, Tuning } from '@pilotjs/core'
import { add, concat, tile } from '@tensorflow/tfjs-core'
import type { Tensor, Tensor3D } from '@tensorflow/tfjs-core'

/**
 * Several tunings of one forward pass: what changes a tensor runs in the order given, prefixes of one block stand one after the
 * other, branches are added up. DualPrompt's general and expert prefixes, for example.
 */
export function combinedTuning(...tunings: readonly Tuning[]): Tuning {
  const through = <T>(start: T, step: (tuning: Tuning, value: T) => T | undefined): T =>
    tunings.reduce((value, tuning) => step(tuning, value) ?? value, start)
  const summed = (take: (tuning: Tuning) => Tensor3D | undefined): Tensor3D | undefined =>
    tunings.map(take).reduce((sum, one) => (sum && one ? add<Tensor3D>(sum, one) : (sum ?? one)), undefined)
  return {
    embed: (tokens, site) => through(tokens, (tuning, value) => tuning.embed?.(value, site)),
    enter: (tokens, block) => through(tokens, (tuning, value) => tuning.enter?.(value, block)),
    prefix: (block) =>
      tunings
        .map((tuning) => tuning.prefix?.(block))
        .reduce((before, next) => (before && next ? joined(before, next, block) : (before ?? next)), undefined),
    qkv: (projected, input, block) => through(projected, (tuning, value) => tuning.qkv?.(value, input, block)),
    besideAttention: (input, block) => summed((tuning) => tuning.besideAttention?.(input, block)),
    branch: (input, block) => summed((tuning) => tuning.branch?.(input, block)),
    modulate: <T extends Tensor>(output: T, site: string): T =>
      through(output, (tuning, value) => tuning.modulate?.(value, site)),
  }
}

function joined(before: PrefixPair, next: PrefixPair, block: number): PrefixPair {
  if (Boolean(before.compensated) !== Boolean(next.compensated))
    throw new Error(
      `block ${block} has prefixes of two tunings, and only one of them is compensated: both must be, or none`,
    )
  const batch = Math.max(before.keys.shape[0], next.keys.shape[0])
  const whole = (tokens: Tensor3D) => (tokens.shape[0] === batch ? tokens : tile(tokens, [batch, 1, 1]))
  const one = (of: 'keys' | 'values') => concat([whole(before[of]), whole(next[of])], 1)
  return { ...next, keys: one('keys'), values: one('values') }
}
