"""Small random networks of timm and the features it computes with them, for the tests of @pilotjs/core.

    python make.py [NAME...]     writes packages/core/src/backbones/__fixtures__/NAME.safetensors

Each file holds the weights (float16 numbers), four images ([4, 3, side, side]) and their features, and in its metadata the
`config.json` that timm would write beside such weights.
"""
import json
import sys
from functools import partial
from pathlib import Path

import timm
import torch
from safetensors.torch import save_file
from timm.layers import LayerNorm
from timm.models._efficientnet_builder import decode_arch_def
from timm.models.convnext import ConvNeXt
from timm.models.deit import VisionTransformerDistilled
from timm.models.efficientnet import EfficientNet
from timm.models.vision_transformer import VisionTransformer
from torch import nn

OUT = Path(__file__).resolve().parents[2] / "packages/core/src/backbones/__fixtures__"
VIT = dict(img_size=16, patch_size=4, embed_dim=32, depth=2, num_heads=2, num_classes=0)
STAGES = [["ds_r1_k3_s1_e1_c8"], ["ir_r2_k3_s2_e6_c12"], ["ir_r1_k5_s2_e6_c16"]]
SQUEEZED = [[f"{stage[0]}_se0.25"] for stage in STAGES]


def vit(**arguments):
    return lambda: VisionTransformer(**VIT, **arguments)


def efficientnet(stages, activation, **arguments):
    return lambda: EfficientNet(
        decode_arch_def(stages), num_classes=0, stem_size=8, fix_stem=True, num_features=40, act_layer=activation, **arguments
    )


def convnext(**arguments):
    return lambda: ConvNeXt(depths=(1, 1, 2, 1), dims=(4, 8, 12, 16), num_classes=0, **arguments)


HEADS = {"num_heads": 2}
# name → how to make it, what its card says, side of its images
MODELS = {
    "vit-quickgelu": (
        vit(pre_norm=True, norm_layer=partial(LayerNorm, eps=1e-5), act_layer="quick_gelu"),
        {"architecture": "vit_base_patch16_clip_quickgelu_224", "model_args": HEADS},
        16,
    ),
    "vit-gelu-tanh-gap": (
        vit(class_token=False, global_pool="avg", fc_norm=False, act_layer="gelu_tanh"),
        {"architecture": "vit_base_patch32_siglip_gap_256", "model_args": HEADS},
        16,
    ),
    "vit-average-after-norm": (
        vit(global_pool="avg", fc_norm=False),
        {"global_pool": "avg", "model_args": {**HEADS, "fc_norm": False}},
        16,
    ),
    "vit-average-before-norm": (
        vit(global_pool="avg", class_token=False, reg_tokens=1, no_embed_class=True, init_values=1e-5),
        {"architecture": "vit_little_patch16_reg1_gap_256", "model_args": HEADS},
        16,
    ),
    "vit-distilled": (
        lambda: VisionTransformerDistilled(**VIT),
        {"architecture": "deit_tiny_distilled_patch16_224", "model_args": HEADS},
        16,
    ),
    "efficientnet-lite": (
        efficientnet(STAGES, nn.ReLU6, pad_type="same", norm_layer=partial(nn.BatchNorm2d, eps=1e-3)),
        {"architecture": "tf_efficientnet_lite0"},
        30,
    ),
    "efficientnet-lite-torch": (efficientnet(STAGES, nn.ReLU6), {"architecture": "efficientnet_lite0"}, 30),
    "efficientnet-squeezed": (
        efficientnet(SQUEEZED, nn.SiLU, pad_type="same", norm_layer=partial(nn.BatchNorm2d, eps=1e-3)),
        {"architecture": "tf_efficientnet_b0"},
        33,
    ),
    "convnext": (convnext(), {"architecture": "convnext_tiny"}, 32),
    "convnext-v2": (
        convnext(use_grn=True, ls_init_value=None, conv_mlp=True),
        {"architecture": "convnextv2_atto"},
        32,
    ),
}


def randomise(model):
    """Leaves no weight at its initial value, and none that float16 does not hold."""
    for name, tensor in model.state_dict().items():
        if not tensor.is_floating_point():
            continue
        noise = torch.randn(tensor.shape)
        if name.endswith("running_var"):
            value = 0.5 + noise.abs()
        elif tensor.ndim == 1 and name.endswith(("weight", "gamma")):
            value = 1 + 0.2 * noise
        elif tensor.ndim >= 2 and name.endswith("weight"):
            value = noise * tensor[0].numel() ** -0.5
        else:
            value = 0.2 * noise
        tensor.copy_(value.half().float())


def main(names):
    OUT.mkdir(exist_ok=True)
    for name in names or MODELS:
        make, card, side = MODELS[name]
        torch.manual_seed(sum(map(ord, name)))
        model = make().eval()
        with torch.no_grad():
            randomise(model)
            images = torch.randn(4, 3, side, side).half().float()
            features = model.forward_head(model.forward_features(images), pre_logits=True)
        tensors = {k: v.half() if v.is_floating_point() else v for k, v in model.state_dict().items()}
        tensors = {**tensors, "images": images.half(), "features": features.contiguous()}
        metadata = {"card": json.dumps(card), "made_with": f"timm {timm.__version__}, torch {torch.__version__}"}
        save_file(tensors, OUT / f"{name}.safetensors", metadata)
        print(name, tuple(features.shape), (OUT / f"{name}.safetensors").stat().st_size)


with torch.no_grad():
    main(sys.argv[1:])
