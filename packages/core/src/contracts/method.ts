import type { z } from 'zod'
import type { Rng } from '../random/rng'
import type { Backbone } from './backbone'
import type { Learner } from './learner'
import type { PilotMapping } from './pilot'

export type MethodFamily = 'baseline' | 'prompt' | 'adapter' | 'prototype' | 'rehearsal' | 'expansion' | 'merging'

/** The stream's plan as far as a method may know it beforehand (PILOT's methods do). */
export interface StreamPlan {
  /** Classes over the whole stream, where known: L2P and its kin give their head all rows at once. */
  readonly totalClasses: number
  readonly baseClasses: number
  readonly increment: number
}

export interface MethodSetup<O> {
  readonly backbone: Backbone
  readonly options: O
  /** For what is drawn once, before any task. */
  readonly rng: Rng
  readonly plan: StreamPlan
}

/** What a method package exports, as default and by name. */
export interface Method<O = unknown> {
  /** Lower case, as in `pilot run l2p`. */
  readonly name: string
  readonly family: MethodFamily
  readonly paper: { readonly title: string; readonly venue: string; readonly url: string }
  /** Validates and fills in PILOT's defaults. */
  readonly options: z.ZodType<O>
  /** How PILOT's option names read as this method's. */
  readonly pilot?: PilotMapping
  create(setup: MethodSetup<O>): Learner
}

/** A method with its options' type inferred from their schema. */
export function defineMethod<O>(method: Method<O>): Method<O> {
  return method
}
