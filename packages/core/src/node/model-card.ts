import { readFile } from 'node:fs/promises'
import { z } from 'zod'
import type { Blueprint, TimmCard } from '../backbones/architecture'
import type { Preprocessing } from '../contracts/backbone'

/** What is known of a model beside its weights. */
export interface ModelCard {
  readonly name?: string
  /** The whole build, where it is known. */
  readonly blueprint?: Blueprint
  /** What timm's `config.json` says of it: the rest is read off the weights. */
  readonly timm?: TimmCard
  readonly preprocessing?: Partial<Preprocessing>
}

const three = z.tuple([z.number(), z.number(), z.number()])

/** The fields of timm's `config.json` that bear on what a backbone computes; all others are left alone. */
const timmCard = z.object({
  architecture: z.string().optional(),
  global_pool: z.string().optional(),
  model_args: z.record(z.string(), z.unknown()).optional(),
  pretrained_cfg: z
    .object({
      tag: z.string().optional(),
      mean: three.optional(),
      std: three.optional(),
      interpolation: z.string().optional(),
      crop_pct: z.number().positive().max(1).optional(),
    })
    .optional(),
})

/**
 * Reads a model's `config.json` as timm writes it. No file, no card.
 * @throws Error naming the file and the field that makes no sense
 */
export async function readModelCard(path: string): Promise<ModelCard> {
  let text: string
  try {
    text = await readFile(path, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return {}
    throw error
  }
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch (error) {
    throw new Error(`${path} is no JSON: ${(error as Error).message}`, { cause: error })
  }
  const parsed = timmCard.safeParse(json)
  if (!parsed.success) throw new Error(`${path}: ${z.prettifyError(parsed.error)}`)
  const { architecture, pretrained_cfg: own = {} } = parsed.data
  return {
    ...(architecture !== undefined && { name: own.tag ? `${architecture}.${own.tag}` : architecture }),
    timm: parsed.data,
    preprocessing: {
      ...(own.mean && { mean: own.mean }),
      ...(own.std && { std: own.std }),
      ...(own.crop_pct !== undefined && { cropFraction: own.crop_pct }),
      ...(own.interpolation !== undefined && {
        interpolation: own.interpolation === 'bilinear' ? 'bilinear' : 'bicubic',
      }),
    },
  }
}
