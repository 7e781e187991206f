import type { TimmCard } from '../architecture'
import { type ArgumentRule, commonArguments, irrelevant, only, readArguments } from '../read-card'
import type { VitConfig } from './vit-config'

type Rule = ArgumentRule<VitConfig>

const choice =
  <Key extends keyof VitConfig>(key: Key, meanings: Readonly<Record<string, VitConfig[Key]>>): Rule =>
  (value) =>
    typeof value === 'string' && Object.hasOwn(meanings, value) ? { [key]: meanings[value] } : undefined

const number =
  (key: 'heads' | 'layerNormEpsilon'): Rule =>
  (value) =>
    typeof value === 'number' && value > 0 ? { [key]: value } : undefined

const flag =
  (key: 'classToken' | 'normAfterPool' | 'qkvBias'): Rule =>
  (value) =>
    typeof value === 'boolean' ? { [key]: value } : undefined

/** timm's arguments of a `VisionTransformer`. */
const rules: Readonly<Record<string, Rule>> = {
  ...commonArguments,
  num_heads: number('heads'),
  // Not an argument of timm's: its norm layer carries it, which only a name can stand for.
  norm_eps: number('layerNormEpsilon'),
  act_layer: choice('activation', { gelu: 'gelu', gelu_tanh: 'geluTanh', quick_gelu: 'quickGelu' }),
  global_pool: choice('pool', { token: 'token', avg: 'average' }),
  fc_norm: flag('normAfterPool'),
  class_token: flag('classToken'),
  qkv_bias: flag('qkvBias'),
  norm_layer: only('layernorm'),
  pos_embed: only('learn'),
  final_norm: only(true),
  proj_bias: only(true),
  qk_norm: only(false),
  scale_attn_norm: only(false),
  scale_mlp_norm: only(false),
  pool_include_prefix: only(false),
  block_fn: only(),
  mlp_layer: only('mlp'),
  attn_layer: only('attn', ''),
  embed_layer: only(),
  embed_norm_layer: only(),
  // What follows is read off the shapes.
  patch_size: irrelevant,
  embed_dim: irrelevant,
  depth: irrelevant,
  mlp_ratio: irrelevant,
  init_values: irrelevant,
  no_embed_class: irrelevant,
  reg_tokens: irrelevant,
  pre_norm: irrelevant,
  distilled: irrelevant,
  representation_size: irrelevant,
  // What follows matters to training only.
  pos_drop_rate: irrelevant,
  patch_drop_rate: irrelevant,
  proj_drop_rate: irrelevant,
  attn_drop_rate: irrelevant,
  weight_init: irrelevant,
  fix_init: irrelevant,
  dynamic_img_size: irrelevant,
  dynamic_img_pad: irrelevant,
  strict_img_size: irrelevant,
}

/**
 * What timm's names stand for (timm 1.0.31, vision_transformer.py and deit.py) and no shape tells. Later rows go before earlier
 * ones.
 */
const names: readonly (readonly [RegExp, Readonly<Record<string, unknown>>])[] = [
  [/_huge_|^vit_(giant|gigantic)_patch14_(224|clip)|_giant_patch16_gap_|_so400m_|_giantopt_/, { num_heads: 16 }],
  [/^vit_base_patch16_gap_224|^beit3_giant/, { num_heads: 16 }],
  [/^test_vit/, { num_heads: 2 }],
  [/_clip_/, { act_layer: 'gelu', norm_eps: 1e-5 }],
  [/_quickgelu_/, { act_layer: 'quick_gelu' }],
  [/_gap_|^eva_large_|^test_vit2/, { global_pool: 'avg' }],
  [/_siglip_(?!gap_)|_map_/, { global_pool: 'map' }],
  [
    /^vit_(base_patch32|so400m_patch16|giantopt_patch16)_siglip_|^vit_large_patch16_siglip_(gap_)?512/,
    { act_layer: 'gelu_tanh' },
  ],
  [/_rpn_/, { block_fn: 'ResPostBlock' }],
  [/_18x2_/, { block_fn: 'ParallelThingsBlock' }],
  [/_xp_|_pwee_/, { block_fn: 'ParallelScalingBlock' }],
  [/_dpwee_/, { block_fn: 'DiffParallelScalingBlock' }],
  [/_dwee_|_dlittle_/, { attn_layer: 'diff' }],
  [/_giant_patch14_(reg\d_)?(dinov2|tipsv2)|^aimv2_/, { mlp_layer: 'SwiGLU' }],
  [/_intern300m_|_radio_/, { final_norm: false }],
  [/^beit3_/, { scale_mlp_norm: true }],
  [/^test_vit4/, { norm_layer: 'rmsnorm' }],
  [/^test_vit3/, { global_pool: 'map' }],
  [/relpos|_rope_/, { pos_embed: 'relative' }],
]

/** What a `config.json` tells of a vision transformer. */
export function readVitCard(card: TimmCard): Partial<VitConfig> {
  const { architecture = '' } = card
  const implied = names.filter(([pattern]) => pattern.test(architecture)).map(([, args]) => args)
  return readArguments('the vision transformer', card, rules, Object.assign({}, ...implied) as Record<string, unknown>)
}
