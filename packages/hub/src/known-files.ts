import type { Blueprint, PreprocessingRecipe, TimmCard } from '@pilotjs/core/backbones'
import { blueprint, preprocessingPresets, vit } from '@pilotjs/core/backbones'
import { catalogue } from './catalogue'

/** What is known of a file by its content alone. */
export interface KnownFile {
  readonly name: string
  readonly sha256: string
  readonly blueprint?: Blueprint
  readonly card?: TimmCard
  readonly preprocessing: PreprocessingRecipe
}

/** The weights that packages of this house carry. */
const own: readonly KnownFile[] = [
  {
    name: 'vit-icons',
    sha256: '0c5ec35c0de681a74b64b7550a80533314993db75e5ffc63648308e331d59865',
    blueprint: blueprint(vit, { imageSize: 32, patchSize: 4, width: 128, depth: 6, heads: 4 }),
    preprocessing: preprocessingPresets.half,
  },
  {
    name: 'efficientnet-lite0',
    sha256: '9b790d5ca8087f049810d1ab3bd2338cc60843f8459e287de65a8c3f6f8e361b',
    card: { architecture: 'tf_efficientnet_lite0' },
    preprocessing: { ...preprocessingPresets.half, cropFraction: 0.875 },
  },
]

/** The weights whose SHA-256 this is, whatever the file is called and wherever it lies. */
export function knownFile(sha256: string): KnownFile | undefined {
  const entry = catalogue.find((each) => each.sha256 === sha256)
  if (!entry) return own.find((each) => each.sha256 === sha256)
  const { name, imageSize, preprocessing } = entry
  const card = { architecture: name.split('.')[0], imageSize }
  return { name, sha256, blueprint: entry.blueprint, card, preprocessing }
}
