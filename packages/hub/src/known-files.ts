import type { Blueprint, PreprocessingRecipe } from '@pilotjs/core'
import { catalogue } from './catalogue'

/** What is known of a file by its content alone. */
export interface KnownFile {
  readonly name: string
  readonly sha256: string
  readonly blueprint: Blueprint
  readonly preprocessing: PreprocessingRecipe
}

/** The weights whose SHA-256 this is, whatever the file is called and wherever it lies. */
export function knownFile(sha256: string): KnownFile | undefined {
  return catalogue.find((entry): entry is typeof entry & KnownFile => entry.sha256 === sha256)
}
