import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join, resolve } from 'node:path'
import type { Preprocessing } from '@pilotjs/core'
import { vit } from '@pilotjs/core/backbones'
import { readSafetensorsHeader } from '@pilotjs/core/safetensors'
import { vitIconsConfig } from '@pilotjs/vit-icons'

/** A vision transformer as both sides take it: pilotjs by `name`, PILOT by the sizes and the file of weights in timm's names. */
export interface SharedBackbone {
  /** As `pilot run --backbone` takes it. */
  readonly name: string
  readonly weights: string
  readonly imageSize: number
  readonly patchSize: number
  readonly width: number
  readonly depth: number
  readonly heads: number
  readonly mean: Preprocessing['mean']
  readonly std: Preprocessing['std']
  readonly interpolation: Preprocessing['interpolation']
}

/** What pilotjs takes where a file of weights says nothing else: pixels scaled to −1 … 1. */
const preprocessing = { mean: [0.5, 0.5, 0.5], std: [0.5, 0.5, 0.5], interpolation: 'bicubic' } as const

/**
 * `vit-icons`, or a safetensors file with a vision transformer's weights in timm's names (heads of 64 numbers).
 * @throws Error for a file of another architecture
 */
export async function sharedBackbone(nameOrFile: string): Promise<SharedBackbone> {
  if (nameOrFile === 'vit-icons') {
    const root = dirname(createRequire(import.meta.url).resolve('@pilotjs/vit-icons/package.json'))
    return { name: nameOrFile, weights: join(root, 'data/vit-icons.safetensors'), ...vitIconsConfig, ...preprocessing }
  }
  const weights = resolve(nameOrFile)
  const { entries } = readSafetensorsHeader(await readFile(weights))
  const shapes = Object.fromEntries(entries.map(({ name, shape }) => [name, shape]))
  const config = vit.infer(shapes)
  if (!config)
    throw new Error(`${weights} holds no vision transformer's weights; PILOT's methods take no other network`)
  const { imageSize, patchSize, width, depth, heads } = config
  return { name: weights, weights, imageSize, patchSize, width, depth, heads, ...preprocessing }
}
