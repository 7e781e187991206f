/** What PILOT appends to a backbone's name to pick one of its copies of the transformer; here every method shares one. */
const methods =
  'adapter|ssf|vpt|l2p|dualprompt|coda_prompt|ease|mos|memo|lae|slca|cofima|duct|fecam|ranpac|aper|der|foster|icarl|coil|dgr'
const pattern = new RegExp(`^(?:pretrained_vit_b16_224|vit_base_patch16_224)(_in21k)?(?:_(?:${methods}))?$`)

/**
 * The catalogue's name for one of PILOT's `backbone_type`s, e.g. `pretrained_vit_b16_224_in21k_adapter`, or undefined if it
 * is none. PILOT runs on timm 0.6.12, whose weights of these names are the first "augreg" ones (Steiner et al., 2021).
 */
export function pilotBackbone(backboneType: string): string | undefined {
  const match = pattern.exec(backboneType)
  if (!match) return undefined
  return match[1] ? 'vit_base_patch16_224.augreg_in21k' : 'vit_base_patch16_224.augreg_in21k_ft_in1k'
}
