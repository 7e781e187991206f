import type { JsonValue, Precision } from '@pilotjs/core'
import type { RunConfig, RunConfigInput } from '../run-directory/run-config'
import type { OwnStreamSettings } from '../run-directory/stream-config'

/** What an experiment can be told, in the config's own words; each outdoes what a config file says. */
export interface Settings extends OwnStreamSettings {
  /** A dataset's name, or the folder of one. Default `icons-100`. */
  readonly data?: string
  /** Folder that named datasets lie in. Default `data`. */
  readonly dataRoot?: string
  /** Images of each class, where not all are to be taken. */
  readonly perClass?: { readonly train?: number; readonly test?: number }
  /** A backbone's name, or the file or folder of one. Default: the embedded one for embedded data, else PILOT's. */
  readonly backbone?: string
  /**
   * How images are prepared: a preset (`imagenet`, `augreg`, …) or `mean=…;std=…;interpolation=…;crop=…`. Default: as the weights
   * want it.
   */
  readonly preprocessing?: string
  /**
   * What the backbone's weights are kept and multiplied in: `fp32`, `fp16`, or `int8` for features of frozen networks. Default
   * `fp32`.
   */
  readonly precision?: Precision
  /** `pilot`: method and transforms do as PILOT does, where that departs from the paper. */
  readonly compat?: RunConfig['compat']
  /** Part of each class that is kept to test with, for folders without a split of their own. */
  readonly testFraction?: number
  /**
   * Part of the training images that stands in for the test images, which are not read; drawn from its own seed (default 1993).
   */
  readonly validation?: { readonly fraction: number; readonly seed?: number }
  /** What folders without a split stand for, where they could be read either way: classes, or domains that hold class folders. */
  readonly kind?: RunConfig['data']['kind']
  /** `upright`: image files are turned as they say. Default: as they are stored, as torchvision does. */
  readonly orientation?: RunConfig['data']['orientation']
  /** Classes with exponentially fewer training images. */
  readonly longTailed?: RunConfigInput['data']['longTailed']
  /**
   * What changes from task to task. Settings that only one kind of stream has (`shots`, `tasks`, `domains`, …) are refused with
   * another.
   */
  readonly scenario?: RunConfig['stream']['scenario']
  /** Classes of the first task; 0: as many as `increment`. */
  readonly baseClasses?: number
  /** Classes of every later task. */
  readonly increment?: number
  /** Whether classes come in an order drawn from the seed. */
  readonly shuffle?: boolean
  /** Default 1993; several: a run each. */
  readonly seeds?: readonly number[]
  /** The method's own. */
  readonly options?: Readonly<Record<string, JsonValue>>
  readonly engine?: string
  /** How the options were chosen; only told. */
  readonly tuning?: RunConfig['tuning']
  /** Images per forward call when features are taken and images scored. Default: what suits the images and the memory. */
  readonly scoreBatchSize?: number
}
