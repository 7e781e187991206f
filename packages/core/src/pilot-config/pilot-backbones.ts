/** What PILOT appends to a backbone's name to pick one of its copies of the transformer; here every method shares one. */
const methods =
  'adapter|ssf|vpt|l2p|dualprompt|coda_prompt|ease|mos|memo|lae|slca|cofima|duct|fecam|ranpac|aper|der|foster|icarl|coil|dgr'
const pattern = new RegExp(`^(?:pretrained_vit_b16_224|vit_base_patch16_224)(_in21k)?(?:_(?:${methods}))?$`)

/** torchvision's residual networks as PILOT's predecessor RevisitingCIL loads them, told by the files that it asks for. */
const residual: Readonly<Record<string, string>> = {
  pretrained_resnet18: 'resnet18.tv_in1k',
  pretrained_resnet50: 'resnet50.tv2_in1k',
  pretrained_resnet101: 'resnet101.tv2_in1k',
  pretrained_resnet152: 'resnet152.tv2_in1k',
}

/**
 * The catalogue's name for one of PILOT's `backbone_type`s, e.g. `pretrained_vit_b16_224_in21k_adapter`, or undefined if it
 * is none. PILOT runs on timm 0.6.12, whose weights of these names are the first "augreg" ones (Steiner et al., 2021).
 */
export function pilotBackbone(backboneType: string): string | undefined {
  const match = pattern.exec(backboneType)
  if (!match) return Object.hasOwn(residual, backboneType) ? residual[backboneType] : undefined
  return match[1] ? 'vit_base_patch16_224.augreg_in21k' : 'vit_base_patch16_224.augreg_in21k_ft_in1k'
}

/** Why one of PILOT's or its predecessors' `backbone_type`s cannot be had by its name; undefined for any other name. */
export function refusedPilotBackbone(backboneType: string): string | undefined {
  if (/^(pretrained_)?resnet\d+_ssf$/.test(backboneType))
    return 'scale and shift (SSF) reaches into transformers only; for a residual network take pretrained_resnet18 with tuning batchnorm or finetune'
  if (/^(resnet(20|32|44|56|110)(_cifar|_cbam)?|cosine_resnet\d+|conv2|conv4)$/.test(backboneType))
    return (
      'it is trained from scratch on CIFAR, and there are no pre-trained weights of that name; give the path of a file with yours ' +
      '(PyCIL’s names of a resnet32 are understood), or take resnet18'
    )
  return undefined
}
