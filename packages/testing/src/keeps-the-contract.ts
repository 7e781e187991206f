import type { Method } from '@pilotjs/core'
import { it } from 'vitest'
import type { z } from 'zod'
import type { Promised } from './promised'
import { promiseInShort } from './promise-in-short'
import { promisesOfLearning } from './promises-of-learning'
import { promisesOfUse } from './promises-of-use'

/** All that every method promises, one check each, for a method with these options. */
export function contractOf<Schema extends z.ZodType>(
  method: Method<Schema>,
  options: NoInfer<z.input<Schema>>,
): readonly Promised[] {
  return [...promisesOfLearning(method, options), ...promisesOfUse(method, options)]
}

/**
 * What every learner promises, checked on a tiny stream: use it inside `describe`.
 * @param options of the method, small enough to learn ten images a class in a moment, and good enough to learn them
 */
export function keepsTheContract<Schema extends z.ZodType>(
  method: Method<Schema>,
  options: NoInfer<z.input<Schema>>,
): void {
  for (const { promise, check } of contractOf(method, options)) it(promise, check)
}

/** The heart of the contract, for a further kind of a method that keeps all of it elsewhere: see `promiseInShort`. */
export function keepsTheContractInShort<Schema extends z.ZodType>(
  method: Method<Schema>,
  options: NoInfer<z.input<Schema>>,
): void {
  const { promise, check } = promiseInShort(method, options)
  it(promise, check)
}
