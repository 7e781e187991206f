/**
 * Names of Hugging Face's `transformers` (ViTModel, DeiTModel, Dinov2Model) and what timm calls the same; the first that fits
 * counts.
 */
const rules: readonly (readonly [RegExp, string])[] = [
  [/^embeddings\.cls_token$/, 'cls_token'],
  [/^embeddings\.distillation_token$/, 'dist_token'],
  [/^embeddings\.register_tokens$/, 'reg_token'],
  [/^embeddings\.mask_token$/, 'mask_token'],
  [/^embeddings\.position_embeddings$/, 'pos_embed'],
  [/^embeddings\.patch_embeddings\.projection\./, 'patch_embed.proj.'],
  [/^encoder\.layer\.(\d+)\.attention\.attention\.(query|key|value)\./, 'blocks.$1.attn.qkv.'],
  [/^encoder\.layer\.(\d+)\.attention\.output\.dense\./, 'blocks.$1.attn.proj.'],
  [/^encoder\.layer\.(\d+)\.intermediate\.dense\./, 'blocks.$1.mlp.fc1.'],
  [/^encoder\.layer\.(\d+)\.output\.dense\./, 'blocks.$1.mlp.fc2.'],
  [/^encoder\.layer\.(\d+)\.layernorm_before\./, 'blocks.$1.norm1.'],
  [/^encoder\.layer\.(\d+)\.layernorm_after\./, 'blocks.$1.norm2.'],
  [/^encoder\.layer\.(\d+)\.layer_scale([12])\.lambda1$/, 'blocks.$1.ls$2.gamma'],
  [/^encoder\.layer\.(\d+)\./, 'blocks.$1.'],
  [/^layernorm\./, 'norm.'],
  [/^(classifier|cls_classifier|distillation_classifier|pooler(?:\.dense)?)\./, 'head.$1.'],
]

/** timm's name for a weight of `transformers`; its own where there is none. */
export function transformersName(name: string): string {
  for (const [pattern, replacement] of rules) if (pattern.test(name)) return name.replace(pattern, replacement)
  return name
}
