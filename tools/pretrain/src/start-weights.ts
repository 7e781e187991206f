import { readFile } from 'node:fs/promises'
import { createRng } from '@pilotjs/core/random'
import { readSafetensors, readSafetensorsHeader } from '@pilotjs/core/safetensors'
import type { NamedTensors } from '@pilotjs/core'
import type { VitConfig } from '@pilotjs/core/backbones'
import { growWeights } from './grow-weights'
import type { Recipe } from './recipe'

/** Weights to begin a training with, as `exportBackbone` writes them, and the steps that made them. */
export interface StartWeights {
  /** disposed once they are taken over */
  weights: NamedTensors
  model: VitConfig
  steps: number
}

/** @throws Error if the file holds no safetensors, or does not say which architecture they are of */
export async function readStartWeights(file: string): Promise<StartWeights> {
  const bytes = await readFile(file)
  const { metadata } = readSafetensorsHeader(bytes)
  if (!metadata?.config) throw new Error(`${file} was not exported by this tool: choose weights that it wrote.`)
  const model = JSON.parse(metadata.config) as VitConfig
  return { weights: readSafetensors(bytes), model, steps: Number(metadata.steps ?? 0) }
}

/** The weights for the recipe's network, grown if it is wider than theirs. Takes them over. */
export function fitted({ weights, model }: StartWeights, recipe: Recipe): NamedTensors {
  if (model.width === recipe.model.width) return weights
  return growWeights(weights, model, recipe.model, createRng(recipe.seed).fork('growth'))
}
