import type { Blueprint, PreprocessingRecipe, TimmCard } from '@pilotjs/core/backbones'
import type { PreprocessingSource } from './notice'

/** What is known of a model beside its weights. */
export interface ModelCard {
  readonly name?: string
  /** The whole build, where it is known. */
  readonly blueprint?: Blueprint
  /** What tells what shapes do not, in timm's words. */
  readonly timm?: TimmCard
  /** What it says of how images are prepared, and where that stands. */
  readonly preprocessing?: Partial<PreprocessingRecipe>
  readonly source?: PreprocessingSource
  /** How timm would crop, where that is not the centre: not supported. */
  readonly cropMode?: string
  /** Which library wrote it. */
  readonly from?: 'timm' | 'transformers'
}
