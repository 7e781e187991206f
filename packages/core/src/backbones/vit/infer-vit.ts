import type { WeightShapes } from '../architecture'
import { cannotInfer, countBlocks } from '../count-blocks'
import { isOfPretraining } from './vit'
import type { VitConfig } from './vit-config'

/** Weights of transformers that are built otherwise. */
const notModelled: readonly (readonly [RegExp, string])[] = [
  [/^patch_embed\.backbone\./, 'a convolutional stem'],
  [/^attn_pool\./, 'attention pooling'],
  [/\.attn\.(q|k)_norm\./, 'norms of queries and keys'],
  [/\.attn\.norm\.|\.mlp\.norm\./, 'norms inside attention and MLP'],
  [/rel_pos|relative_position/, 'relative positions'],
  [/\.mlp\.(w12|w3|fc1_g|fc1_x)\./, 'SwiGLU'],
]

/**
 * A transformer's config, by the names and shapes of its weights. What shapes do not tell is timm's usual value: 64 numbers
 * per attention head, LayerNorm's ε of 1e-6 (1e-5 where a norm stands before the blocks, as in CLIP).
 * @throws Error naming what is missing, ambiguous or not modelled
 */
export function inferVit(shapes: WeightShapes, known: Partial<VitConfig> = {}): VitConfig | undefined {
  const patches = shapes['patch_embed.proj.weight']
  if (!patches && !Object.keys(shapes).some((name) => name.startsWith('patch_embed.backbone.'))) return undefined
  for (const [pattern, what] of notModelled) {
    const found = Object.keys(shapes).find((name) => pattern.test(name) && !isOfPretraining(name))
    if (found !== undefined)
      throw cannotInfer(`${found} belongs to ${what}, which the vision transformer here does not have`)
  }
  if (patches?.length !== 4) throw cannotInfer('patch_embed.proj.weight is not [width, 3, patch, patch]')
  const [width, , patchSize] = patches as [number, number, number, number]
  const depth = countBlocks(shapes, /^blocks\.(\d+)\./)
  if (depth === 0) throw cannotInfer('there are no blocks.0.…')
  const [hidden, narrow] = [shapes['blocks.0.mlp.fc1.weight']?.[0], shapes['blocks.0.mlp.fc2.weight']?.[1]]
  if (hidden !== undefined && narrow !== undefined && hidden === 2 * narrow)
    throw cannotInfer('blocks.0.mlp.fc1.weight belongs to SwiGLU, which the vision transformer here does not have')
  const preNorm = 'norm_pre.weight' in shapes
  if (preNorm && known.activation === undefined)
    throw cannotInfer(
      'norm_pre.weight belongs to CLIP, which was trained with GELU or with QuickGELU, and the weights do not tell which; ' +
        'put the config.json of the model beside the file, or give activation',
    )
  return {
    patchSize,
    width,
    depth,
    heads: known.heads ?? headsOf(width),
    mlpRatio: (hidden ?? 4 * width) / width,
    ...tokensOf(shapes, patchSize),
    preNorm,
    layerNormEpsilon: preNorm ? 1e-5 : 1e-6,
    layerScale: 'blocks.0.ls1.gamma' in shapes,
    qkvBias: 'blocks.0.attn.qkv.bias' in shapes,
    ...poolingOf(shapes, known),
    ...known,
  }
}

function headsOf(width: number): number {
  const heads = width / 64
  if (!Number.isInteger(heads))
    throw cannotInfer(
      `width ${width} is no multiple of 64; say how many heads there are: in a config.json beside the file, "model_args": { "num_heads": … }`,
    )
  return heads
}

/** Tokens before the patches, what positions cover, and the image that leaves as many patches as there are. */
function tokensOf(shapes: WeightShapes, patchSize: number) {
  const rows = shapes.pos_embed?.[1]
  if (rows === undefined) throw cannotInfer('pos_embed is missing')
  const classToken = 'cls_token' in shapes
  const distillationToken = 'dist_token' in shapes
  const registers = shapes.reg_token?.[1] ?? 0
  const classTokens = Number(classToken) + Number(distillationToken)
  const covers = [
    ['all', classTokens + registers],
    ['class-and-patches', classTokens],
    ['patches', 0],
  ] as const
  const found = covers.find(([, prefix]) => rows > prefix && Number.isInteger(Math.sqrt(rows - prefix)))
  if (!found) throw cannotInfer(`the ${rows} rows of pos_embed fit no square grid of patches`)
  const [positions, prefix] = found
  return { imageSize: Math.sqrt(rows - prefix) * patchSize, classToken, distillationToken, registers, positions }
}

/**
 * timm calls the last norm `fc_norm` where it follows pooling, which it does where patches are averaged, if not told otherwise.
 */
function poolingOf(shapes: WeightShapes, known: Partial<VitConfig>): Pick<VitConfig, 'pool' | 'normAfterPool'> {
  const normAfterPool = 'fc_norm.weight' in shapes
  const classToken = known.classToken ?? 'cls_token' in shapes
  return { pool: normAfterPool || !classToken ? 'average' : 'token', normAfterPool }
}
