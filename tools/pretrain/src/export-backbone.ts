import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createVit, vitWeightShapes } from '@pilotjs/core/backbones'
import { writeSafetensors } from '@pilotjs/core/safetensors'
import type { Icons100, ImagePack } from '@pilotjs/icons-100'
import { featuresOf, prototypeAccuracy } from './accuracy'
import { readCheckpoint } from './checkpoint'
import { modelCard } from './model-card'

export interface ExportOptions {
  /** holds the checkpoint */
  folder: string
  /** the backbone package */
  out: string
  corpus: ImagePack
  icons: Icons100
}

/**
 * Writes the backbone of a checkpoint as float16 safetensors with timm's names, and a model
 * card with what the stored weights reach on Icons-100.
 *
 * @returns a line that says what was written
 */
export async function exportBackbone({ folder, out, corpus, icons }: ExportOptions): Promise<string> {
  const checkpoint = await readCheckpoint(join(folder, 'checkpoint.safetensors'))
  if (!checkpoint) throw new Error(`${folder} holds no checkpoint.safetensors; run the training first.`)
  const { state } = checkpoint
  // what was only trained against stays behind
  const weights = Object.fromEntries(
    Object.keys(vitWeightShapes(state.recipe.model)).map((name) => [name, checkpoint.weights[name]!]),
  )
  const bytes = await writeSafetensors(weights, {
    dtype: 'float16',
    metadata: { config: JSON.stringify(state.recipe.model), steps: String(state.earlierSteps + state.step) },
  })
  await mkdir(join(out, 'data'), { recursive: true })
  await writeFile(join(out, 'data/vit-icons.safetensors'), bytes)

  const backbone = createVit(state.recipe.model, weights)
  const { train, test } = icons.arrays
  const accuracy = prototypeAccuracy(
    await featuresOf(train, (images) => backbone.features(images)),
    await featuresOf(test, (images) => backbone.features(images)),
    icons.classNames.length,
  )
  backbone.dispose()
  await writeFile(join(out, 'MODEL_CARD.md'), modelCard({ state, corpus, icons, accuracy, size: bytes.length }))
  return `${(bytes.length / 1e6).toFixed(2)} MB of weights, prototype accuracy on Icons-100 ${(100 * accuracy).toFixed(1)} %`
}
