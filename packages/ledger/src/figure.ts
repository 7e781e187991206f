/** Weights that figures were made with; rows of different weights are never compared. */
export const WEIGHTS = {
  in21k: 'vit_base_patch16_224.augreg_in21k',
  in1k: 'vit_base_patch16_224.augreg_in21k_ft_in1k',
} as const

/** Where a figure was found, and how far it can be trusted. */
export interface Source {
  readonly key: string
  readonly what: string
  readonly trust: string
}

/** What an experiment was run on. */
export interface Setting {
  /** As `pilot run` knows it, with APER's kind of tuning or a reading behind it: `aper-ssf`, `icarl-nearest-mean`. */
  readonly method: string
  readonly data: string
  /** Classes of each task; undefined where the source does not say. */
  readonly increment?: number
  /** Classes of the first task, where they are not as many. */
  readonly baseClasses?: number
  /** The catalogue's name; undefined where the source does not say which weights. */
  readonly backbone?: string
}

/** Accuracies in percent. */
export interface Accuracies {
  /** On all classes after the last task. */
  readonly last?: number
  /** Mean over the tasks of the accuracy on all classes seen: average incremental accuracy. */
  readonly average?: number
}

/** A figure that somebody published. */
export interface Figure extends Setting, Accuracies {
  /** Who says so: the method's paper (or a table of such figures), or a run of PILOT. */
  readonly by: 'paper' | 'pilot'
  readonly source: Source
}

/** `B0-Inc10`: no base task of its own size, ten classes a task. `B50-Inc10`: fifty in the first. */
export function splitName({ baseClasses, increment }: Pick<Setting, 'baseClasses' | 'increment'>): string {
  return increment === undefined ? 'not said' : `B${baseClasses ?? 0}-Inc${increment}`
}
