import type { JsonValue } from './tensors'

/**
 * What becomes of one key of a PILOT config: an option of the same value, a computed change of options, or nothing, for a reason.
 */
export type PilotRule =
  | string
  | {
      readonly read: (
        value: JsonValue,
        config: Readonly<Record<string, JsonValue>>,
      ) => Readonly<Record<string, JsonValue>>
    }
  | { readonly ignored: string }
  /** Only these values are understood; `reason` says what else would ask for. */
  | { readonly accepts: readonly JsonValue[]; readonly reason: string }

/**
 * How PILOT's config keys read as a method's options. Keys of stream, data and backbone are read for every method alike and are
 * not listed.
 */
export interface PilotMapping {
  /** PILOT's `model_name`s that mean this method. */
  readonly modelNames: readonly string[]
  readonly keys: Readonly<Record<string, PilotRule>>
  /** Options that PILOT's name implies, e.g. `{ tuning: 'ssf' }` for `aper_ssf`. */
  readonly implied?: (modelName: string) => Readonly<Record<string, JsonValue>>
  /**
   * What PILOT's `state_dict` calls this learner's tensors, for comparisons: the first prefix that fits is replaced. Where PILOT
   * uses several names for one, all of them; `NAME.*` where PILOT has its rows apart, as `NAME.0`, `NAME.1` and so on. A name
   * that depends on what else there is needs a function.
   */
  readonly tensors?: PilotTensorNames
  /** Tensors of PILOT, or what their names begin with up to a dot, that follow from others and are not kept here. */
  readonly unkept?: readonly string[]
  /**
   * What PILOT predicts by, where it is not scores: the smallest distance wins, and scores here are negative distances. Default
   * scores.
   */
  readonly scoresAre?: 'scores' | 'distances'
  /**
   * Under PILOT's ways, scoring images changes what the next are scored by: they are compared in PILOT's batches, once. Default
   * false.
   */
  readonly scoringChanges?: boolean
  /**
   * Under PILOT's ways, what an image scores depends on the images that are scored with it: test images then come in batches of
   * the option `batchSize`, as PILOT's loaders have them. Default false.
   */
  readonly scoresByBatch?: boolean
}

export type PilotTensorNames =
  Readonly<Record<string, string | readonly string[]>> | ((name: string, all: readonly string[]) => readonly string[])
