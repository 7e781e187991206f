import { dirname, join } from 'node:path'
import type { PreprocessingRecipe } from '@pilotjs/core/backbones'
import * as z from 'zod'
import { BackboneError } from './backbone-error'
import type { ModelCard } from './model-card-form'
import { readJson } from './read-json'

/** The model types of `transformers` that are timm's vision transformer under other names. */
const known = ['vit', 'deit', 'dinov2', 'dinov2_with_registers']
const activations: Readonly<Record<string, string>> = {
  gelu: 'gelu',
  gelu_pytorch_tanh: 'gelu_tanh',
  quick_gelu: 'quick_gelu',
}

const config = z.object({
  model_type: z.string(),
  _name_or_path: z.string().optional(),
  hidden_act: z.string().default('gelu'),
  layer_norm_eps: z.number().positive().optional(),
  num_attention_heads: z.int().positive().optional(),
  use_swiglu_ffn: z.boolean().optional(),
})

const triple = z.tuple([z.number(), z.number(), z.number()])
const side = z.union([
  z.int().positive(),
  z.object({ height: z.int().positive(), width: z.int().positive() }),
  z.object({ shortest_edge: z.int().positive() }),
])
const processor = z.object({
  image_mean: triple.optional(),
  image_std: triple.optional(),
  resample: z.int().optional(),
  do_center_crop: z.boolean().optional(),
  size: side.optional(),
  crop_size: side.optional(),
})

/**
 * Reads `transformers`' `config.json`, and the `preprocessor_config.json` beside it.
 * @throws BackboneError for a model type or field that is not modelled
 */
export async function transformersCard(path: string, json: object): Promise<ModelCard> {
  const parsed = config.safeParse(json)
  if (!parsed.success)
    throw new BackboneError('config', path, `${path}: ${z.prettifyError(parsed.error)}`, parsed.error)
  const { model_type: type, hidden_act: activation, layer_norm_eps: eps, num_attention_heads: heads } = parsed.data
  const refuse = (what: string) =>
    new BackboneError('not-modelled', path, `${path}: ${what} is not supported; take timm's copy of the model (timm/…)`)
  if (!known.includes(type)) throw refuse(`transformers' model type "${type}"`)
  if (parsed.data.use_swiglu_ffn) throw refuse('use_swiglu_ffn')
  if (!Object.hasOwn(activations, activation)) throw refuse(`hidden_act "${activation}"`)
  const beside = join(dirname(path), 'preprocessor_config.json')
  const preprocessing = await readProcessor(beside)
  return {
    from: 'transformers',
    ...(parsed.data._name_or_path && { name: parsed.data._name_or_path }),
    timm: {
      model_args: {
        act_layer: activations[activation],
        ...(heads !== undefined && { num_heads: heads }),
        ...(eps !== undefined && { norm_eps: eps }),
      },
    },
    ...(preprocessing && { preprocessing, source: 'preprocessor_config.json' as const }),
  }
}

async function readProcessor(path: string): Promise<Partial<PreprocessingRecipe> | undefined> {
  const json = await readJson(path)
  if (json === undefined) return undefined
  const parsed = processor.safeParse(json)
  if (!parsed.success)
    throw new BackboneError('config', path, `${path}: ${z.prettifyError(parsed.error)}`, parsed.error)
  const { image_mean: mean, image_std: std, resample, do_center_crop: crops, size, crop_size: kept } = parsed.data
  return {
    ...(mean && { mean }),
    ...(std && { std }),
    // PIL's numbers of its filters: 2 is bilinear, 3 bicubic.
    ...(resample !== undefined && { interpolation: resample === 2 ? 'bilinear' : 'bicubic' }),
    ...(size && { cropFraction: crops && kept ? Math.min(1, sideOf(kept) / sideOf(size)) : 1 }),
  }
}

const sideOf = (value: z.infer<typeof side>): number =>
  typeof value === 'number' ? value : 'height' in value ? value.height : value.shortest_edge
