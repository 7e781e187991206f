import type { Preprocessing } from '@pilotjs/core'
import type { PreprocessingDifference } from '@pilotjs/core/backbones'

/** Where a backbone's preprocessing comes from. */
export type PreprocessingSource =
  'option' | 'config.json' | 'preprocessor_config.json' | 'catalogue' | 'known-file' | 'default'

/** What was found out about weights that a person should know; the caller words where to say it. */
export type BackboneNotice =
  /** Every name began with this, and it was taken off. */
  | { readonly code: 'prefix-stripped'; readonly file: string; readonly prefix: string; readonly message: string }
  /** The names are another library's, and were translated. */
  | { readonly code: 'names-mapped'; readonly file: string; readonly from: string; readonly message: string }
  /** How images are prepared, and why. */
  | {
      readonly code: 'preprocessing'
      readonly file: string
      readonly source: PreprocessingSource
      readonly preprocessing: Preprocessing
      readonly message: string
    }
  /** What was asked for differs from what the weights were made with. */
  | {
      readonly code: 'preprocessing-differs'
      readonly file: string
      readonly differences: readonly PreprocessingDifference[]
      readonly message: string
    }
