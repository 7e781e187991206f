import { PilotError } from '@pilotjs/core'
import type { Precision } from '@pilotjs/core'

/** What can be wrong with an experiment, and the facts that come with it. Programs decide by these, people read the message. */
export interface ExperimentFacts {
  /** No package at hand holds it. */
  readonly 'unknown-package': { kind: string; name: string; nearest?: string; known: readonly string[] }
  /** A package is installed, but its package.json does not say that it holds such a thing: it is not imported. */
  readonly 'undeclared-package': { kind: string; package: string; folder: string }
  /** A package that says so does not load, or its default export is none. */
  readonly 'broken-package': { kind: string; package: string; folder: string; reason: string }
  /** Options of a method that it does not have or take. */
  readonly 'invalid-options': { method: string; options: readonly string[] }
  /** A config file that cannot be read, or is none. */
  readonly 'invalid-config': { file?: string; fields: readonly string[] }
  /** A sweep that is none, or with runs that cannot be; `run` says which, by what sets it apart. */
  readonly 'invalid-sweep': { file?: string; problems: readonly { run: string; message: string }[] }
  /** Options to choose from that make no sense. */
  readonly 'invalid-space': { fields: readonly string[] }
  /** Every trial of a search failed. */
  readonly 'nothing-tuned': { method: string }
  readonly 'too-many-runs': { runs: number; most: number }
  /** What a run of a sweep computes with on this machine is not what the sweep was planned with. */
  readonly 'other-ingredients': { folder: string; what: string }
  /** Another process has taken a run over: this one must not write to it any more. */
  readonly 'taken-over': { folder: string }
  /** The process that computed a run ended before the run did. */
  readonly 'process-died': { folder: string; signal?: string; exit?: number }
  readonly 'unknown-model-name': { name: string; nearest?: string; known: readonly string[] }
  readonly 'unknown-dataset': { name: string; nearest?: string; known: readonly string[] }
  readonly 'unknown-backbone': { name: string; nearest?: string }
  /** A stream whose tasks the method does not take; `task` counts from 0. */
  readonly 'stream-refused': { method: string; scenario: string; task: number }
  /** The folder of a new run holds a run already. */
  readonly 'run-exists': { folder: string }
  readonly 'folder-not-empty': { folder: string }
  readonly 'folder-not-writable': { folder: string }
  readonly 'no-run': { folder: string }
  /** Another process writes to it. */
  readonly 'run-in-use': { folder: string; pid: number; host: string; claim: string; here: boolean }
  readonly 'nothing-finished': { folder: string }
  /** A file of a run is missing, cut off, changed, or holds what cannot be. */
  readonly 'damaged-run': { file: string; fields?: readonly string[]; config?: string }
  /** A task that was learned cannot be saved. */
  readonly 'not-saved': { folder: string; task: number; saved: number; tasks: number }
  /** The folder was removed or replaced while the run went on. */
  readonly 'run-gone': { folder: string; task: number; saved: number }
  /** The saved learner has a form that this version does not read. */
  readonly 'state-format': { folder: string; format: number; known: number }
  /** The data are not those that the run was begun with; `differences` names classes and files. */
  readonly 'data-changed': { folder: string; differences: readonly string[]; config: string }
  /** A learner's scores are no numbers. */
  readonly 'scores-not-numbers': { folder: string }
  /** A run was begun with another backbone, other data or other code than is there now. */
  readonly 'backbone-changed': { folder: string; backbone: string; config: string }
  /** A run was begun with the backbone at another precision. */
  readonly 'precision-changed': { folder: string; began: Precision; now: Precision; config: string }
}

export type ExperimentCode = keyof ExperimentFacts

/** Of one code each, so that `error.code` tells what is in `error.facts`. */
export type AnyExperimentError = { [Code in ExperimentCode]: ExperimentError<Code> }[ExperimentCode]

/**
 * An experiment that cannot be planned, begun, saved or read. The message says what is wrong; whoever shows it adds what to do.
 */
export class ExperimentError<Code extends ExperimentCode = ExperimentCode> extends PilotError<Code> {
  override readonly name = 'ExperimentError'
  declare readonly facts: ExperimentFacts[Code]
  constructor(code: Code, facts: ExperimentFacts[Code], message: string, options?: { cause?: unknown }) {
    super(code, message, facts, options)
  }
}

/** Whether it is one of these, with its facts. */
export const isExperimentError = (error: unknown): error is AnyExperimentError => error instanceof ExperimentError

/** A reason in words, of whatever was thrown. */
export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))
