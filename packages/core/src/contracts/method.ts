import type { z } from 'zod'
import type { Backbone } from './backbone'
import type { Learner } from './learner'
import type { PilotMapping } from './pilot'

export type MethodFamily = 'baseline' | 'prompt' | 'adapter' | 'prototype' | 'rehearsal' | 'expansion' | 'merging'

/** What is known of a stream beforehand. A product does not know it, and no method needs it; PILOT's methods size heads by it. */
export interface StreamPlan {
  /** Classes over the whole stream. */
  readonly totalClasses: number
  readonly baseClasses: number
  readonly increment: number
}

/** What a method takes beyond tasks of new classes; the contract suite holds it to its word. */
export interface Accepts {
  /** Tasks that bring new classes, even one at a time. */
  readonly newClasses: boolean
  /** More images of classes it knows, in a later task (domain-incremental and generalised streams). */
  readonly moreImages: boolean
  /** A stream whose number of classes nobody knows beforehand. */
  readonly unknownTotal: boolean
  /** One pass over a stream of small tasks gives what one large task gives: nothing is trained over many epochs. */
  readonly online: boolean
  /** A class can be unlearned exactly. */
  readonly removeClass: boolean
  /** Two classes can be made one exactly. */
  readonly mergeClasses: boolean
}

export interface LearnerSetup {
  readonly backbone: Backbone
  /** The run's seed: the same seed gives the same learner, here and in `pilot run`. */
  readonly seed: number
  readonly plan?: StreamPlan
}

/** A method with its options fixed: `l2p({ poolSize: 20 })`. */
export interface ConfiguredMethod<Options = unknown> {
  readonly method: Method
  /** Checked, defaults filled in. */
  readonly options: Options
  create(setup: LearnerSetup): Learner
}

/**
 * What a method package exports, as default and by name: call it with options to configure it.
 * @throws PilotError `invalid-options` naming each option that is unknown (and the nearest known one) or wrong
 */
export interface Method<Schema extends z.ZodType = z.ZodType> {
  (options?: z.input<Schema>): ConfiguredMethod<z.output<Schema>>
  /** Lower case, as in `pilot run l2p`. */
  readonly name: string
  readonly family: MethodFamily
  readonly paper: { readonly title: string; readonly venue: string; readonly url: string }
  /** Checks options and fills in PILOT's defaults; refuses options that it does not have. */
  readonly options: Schema
  readonly accepts: Accepts
  /** How PILOT's option and tensor names read as this method's. */
  readonly pilot?: PilotMapping
}
