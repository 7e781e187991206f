import type { PreprocessingRecipe } from '@pilotjs/core/backbones'
import * as z from 'zod'
import { BackboneError } from './backbone-error'
import type { ModelCard } from './model-card-form'
import { readJson } from './read-json'
import { transformersCard } from './transformers-card'

const three = z.tuple([z.number(), z.number(), z.number()])

/** How timm's data config says that images are prepared. */
const data = z.object({
  tag: z.string().nullish(),
  input_size: z.tuple([z.number(), z.int().positive(), z.int().positive()]).nullish(),
  mean: three.nullish(),
  std: three.nullish(),
  interpolation: z.string().nullish(),
  crop_pct: z.number().positive().max(1).nullish(),
  crop_mode: z.string().nullish(),
})

/** The fields of timm's `config.json`; early ones have those of `pretrained_cfg` beside the others. */
const timmCard = data.extend({
  architecture: z.string().optional(),
  global_pool: z.string().nullish(),
  model_args: z.record(z.string(), z.unknown()).nullish(),
  pretrained_cfg: data.nullish(),
})

/**
 * Reads a model's `config.json` as timm or transformers writes it. No file, no card.
 * @throws BackboneError naming the file and the field that makes no sense or is not modelled
 */
export async function readModelCard(path: string): Promise<ModelCard> {
  const json = await readJson(path)
  if (json === undefined) return {}
  if (typeof json === 'object' && json !== null && 'model_type' in json) return transformersCard(path, json)
  const parsed = timmCard.safeParse(json)
  if (!parsed.success)
    throw new BackboneError('config', path, `${path}: ${z.prettifyError(parsed.error)}`, parsed.error)
  const { architecture, global_pool: pooling, model_args: args, pretrained_cfg: nested, ...flat } = parsed.data
  const own = nested ?? flat
  return {
    from: 'timm',
    ...(architecture !== undefined && { name: own.tag ? `${architecture}.${own.tag}` : architecture }),
    timm: {
      ...(architecture !== undefined && { architecture }),
      ...(pooling && { global_pool: pooling }),
      ...(args && { model_args: args }),
      ...(own.input_size && { imageSize: own.input_size[1] }),
    },
    preprocessing: readRecipe(path, own),
    source: 'config.json',
    ...(own.crop_mode && own.crop_mode !== 'center' && { cropMode: own.crop_mode }),
  }
}

function readRecipe(path: string, own: z.infer<typeof data>): Partial<PreprocessingRecipe> {
  const { mean, std, crop_pct: crop, interpolation } = own
  const [, height, width] = own.input_size ?? []
  if (height !== width)
    throw new BackboneError('config', path, `${path}: input_size ${height} × ${width} is not square, as it must be`)
  return {
    ...(mean && { mean }),
    ...(std && { std }),
    ...(crop && { cropFraction: crop }),
    ...(interpolation && { interpolation: interpolation === 'bilinear' ? 'bilinear' : 'bicubic' }),
  }
}
