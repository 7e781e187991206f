import * as z from 'zod'

/** The architecture of a vision transformer (Dosovitskiy et al., ICLR 2021), in timm's terms. */
export interface VitConfig {
  /** Side of the square input, in pixels; a multiple of the patch size. */
  readonly imageSize: number
  /** Side of a square patch, in pixels. */
  readonly patchSize: number
  /** Numbers per token. */
  readonly width: number
  /** Number of blocks. */
  readonly depth: number
  /** Attention heads; they divide the width. */
  readonly heads: number
  /** Hidden width of the MLP over the width. Default 4. */
  readonly mlpRatio?: number
  /** Default 1e-6. */
  readonly layerNormEpsilon?: number
  /** A learned token that stands first. Default true. */
  readonly classToken?: boolean
  /** A second learned token after the class token (Touvron et al., ICML 2021); features are the mean of both. Default false. */
  readonly distillationToken?: boolean
  /** Register tokens after the class token (DINOv2 with registers). Default 0. */
  readonly registers?: number
  /** What the position embedding covers: every token, all but the registers, or the patches only. Default `all`. */
  readonly positions?: 'all' | 'class-and-patches' | 'patches'
  /** A norm before the first block, and no bias in the patch embedding (CLIP). Default false. */
  readonly preNorm?: boolean
  /** A learned scale per channel at the end of every residual branch (CaiT, DINOv2). Default false. */
  readonly layerScale?: boolean
  /** Default true. */
  readonly qkvBias?: boolean
  /** Features are the class token, or the mean of the patch tokens. Default `token`. */
  readonly pool?: 'token' | 'average'
  /** Whether the last norm, then called `fc_norm`, follows pooling rather than precedes it. Default: with pool `average`. */
  readonly normAfterPool?: boolean
  /** Between the two layers of an MLP; `quickGelu` is x·σ(1.702x), OpenAI's CLIP. Default `gelu`, the exact one. */
  readonly activation?: 'gelu' | 'geluTanh' | 'quickGelu'
}

const count = /* @__PURE__ */ (() => z.int().positive())()

/** Checks what a file or a caller says of a vision transformer. */
export const vitConfigSchema: z.ZodType<VitConfig> = /* @__PURE__ */ (() =>
  z.strictObject({
    imageSize: count,
    patchSize: count,
    width: count,
    depth: count,
    heads: count,
    mlpRatio: z.number().positive().optional(),
    layerNormEpsilon: z.number().positive().optional(),
    classToken: z.boolean().optional(),
    distillationToken: z.boolean().optional(),
    registers: z.int().nonnegative().optional(),
    positions: z.enum(['all', 'class-and-patches', 'patches']).optional(),
    preNorm: z.boolean().optional(),
    layerScale: z.boolean().optional(),
    qkvBias: z.boolean().optional(),
    pool: z.enum(['token', 'average']).optional(),
    normAfterPool: z.boolean().optional(),
    activation: z.enum(['gelu', 'geluTanh', 'quickGelu']).optional(),
  }))()

export type VitShape = Required<VitConfig> & {
  /** Patches along one side. */
  readonly grid: number
  /** Class token, distillation token and registers. */
  readonly prefixTokens: number
  /** Rows of the position embedding. */
  readonly positionRows: number
}

/** Fills in timm's defaults and checks that the sizes fit each other. */
export function vitShape(config: VitConfig): VitShape {
  // What is undefined counts as not given.
  const given = Object.fromEntries(Object.entries(config).filter(([, value]) => value !== undefined)) as typeof config
  const full = {
    mlpRatio: 4,
    layerNormEpsilon: 1e-6,
    classToken: true,
    distillationToken: false,
    registers: 0,
    positions: 'all',
    preNorm: false,
    layerScale: false,
    qkvBias: true,
    pool: 'token',
    activation: 'gelu',
    normAfterPool: config.pool === 'average',
    ...given,
  } as const
  const problem = (text: string) => new Error(`Vision transformer: ${text}`)
  for (const key of ['imageSize', 'patchSize', 'width', 'depth', 'heads'] as const) {
    if (!Number.isInteger(full[key]) || full[key] < 1)
      throw problem(`${key} must be a positive integer, got ${full[key]}`)
  }
  if (full.imageSize % full.patchSize !== 0) {
    throw problem(`imageSize ${full.imageSize} must be a multiple of patchSize ${full.patchSize}`)
  }
  if (full.width % full.heads !== 0) throw problem(`heads ${full.heads} must divide width ${full.width}`)
  if (full.pool === 'token' && !full.classToken) throw problem(`pool 'token' needs classToken; choose pool 'average'`)
  const grid = full.imageSize / full.patchSize
  if (full.distillationToken && !full.classToken) throw problem('distillationToken needs classToken')
  const classTokens = (full.classToken ? 1 : 0) + (full.distillationToken ? 1 : 0)
  const prefixTokens = classTokens + full.registers
  const covered = { all: prefixTokens, 'class-and-patches': classTokens, patches: 0 }[full.positions]
  return { ...full, grid, prefixTokens, positionRows: grid * grid + covered }
}

/** timm's name of the norm after the last block. */
export const lastNorm = ({ normAfterPool }: Pick<VitShape, 'normAfterPool'>): string =>
  normAfterPool ? 'fc_norm' : 'norm'

/** timm's name and shape of every weight, in timm's order. */
export function vitWeightShapes(config: VitConfig): Record<string, number[]> {
  const shape = vitShape(config)
  const { width, patchSize, registers } = shape
  const hidden = Math.round(width * shape.mlpRatio)
  const norm = (name: string) => ({ [`${name}.weight`]: [width], [`${name}.bias`]: [width] })
  const weights: Record<string, number[]> = {
    ...(shape.classToken && { cls_token: [1, 1, width] }),
    ...(shape.distillationToken && { dist_token: [1, 1, width] }),
    ...(registers > 0 && { reg_token: [1, registers, width] }),
    pos_embed: [1, shape.positionRows, width],
    'patch_embed.proj.weight': [width, 3, patchSize, patchSize],
    ...(!shape.preNorm && { 'patch_embed.proj.bias': [width] }),
    ...(shape.preNorm && norm('norm_pre')),
  }
  for (let block = 0; block < shape.depth; block++) {
    const at = `blocks.${block}`
    Object.assign(weights, norm(`${at}.norm1`), {
      [`${at}.attn.qkv.weight`]: [3 * width, width],
      ...(shape.qkvBias && { [`${at}.attn.qkv.bias`]: [3 * width] }),
      [`${at}.attn.proj.weight`]: [width, width],
      [`${at}.attn.proj.bias`]: [width],
      ...(shape.layerScale && { [`${at}.ls1.gamma`]: [width] }),
      ...norm(`${at}.norm2`),
      [`${at}.mlp.fc1.weight`]: [hidden, width],
      [`${at}.mlp.fc1.bias`]: [hidden],
      [`${at}.mlp.fc2.weight`]: [width, hidden],
      [`${at}.mlp.fc2.bias`]: [width],
      ...(shape.layerScale && { [`${at}.ls2.gamma`]: [width] }),
    })
  }
  return { ...weights, ...norm(lastNorm(shape)) }
}
