"""Writes vision transformers with random weights as transformers.js reads them: python3 export-vit.py FOLDER. It takes torch and onnx.

The blocks are those of Dosovitskiy et al., arXiv:2010.11929, exported operation by operation as any model is.
"""

import json
import pathlib
import sys

import torch
from torch import nn

SIZES = {
    "vit-32": {"image": 32, "patch": 4, "width": 128, "depth": 6, "heads": 4},
    "vit-224": {"image": 224, "patch": 16, "width": 192, "depth": 12, "heads": 3},
}


class Block(nn.Module):
    def __init__(self, width, heads):
        super().__init__()
        self.heads = heads
        self.before = nn.ModuleList(nn.LayerNorm(width, eps=1e-6) for _ in range(2))
        self.qkv = nn.Linear(width, 3 * width)
        self.out = nn.Linear(width, width)
        self.mlp = nn.Sequential(nn.Linear(width, 4 * width), nn.GELU(), nn.Linear(4 * width, width))

    def attend(self, x):
        images, tokens, width = x.shape
        q, k, v = self.qkv(x).reshape(images, tokens, 3, self.heads, -1).permute(2, 0, 3, 1, 4).unbind(0)
        mixed = (q @ k.transpose(-1, -2) * (width // self.heads) ** -0.5).softmax(-1) @ v
        return self.out(mixed.transpose(1, 2).reshape(images, tokens, width))

    def forward(self, x):
        x = x + self.attend(self.before[0](x))
        return x + self.mlp(self.before[1](x))


class Vit(nn.Module):
    def __init__(self, image, patch, width, depth, heads):
        super().__init__()
        self.patches = nn.Conv2d(3, width, patch, patch)
        self.first = nn.Parameter(torch.randn(1, 1, width) * 0.02)
        self.positions = nn.Parameter(torch.randn(1, (image // patch) ** 2 + 1, width) * 0.02)
        self.blocks = nn.Sequential(*(Block(width, heads) for _ in range(depth)))
        self.norm = nn.LayerNorm(width, eps=1e-6)

    def forward(self, pixel_values):
        x = self.patches(pixel_values).flatten(2).transpose(1, 2)
        x = torch.cat((self.first.expand(x.shape[0], -1, -1), x), 1)
        return self.norm(self.blocks(x + self.positions))


def main(folder):
    torch.manual_seed(1)
    for name, size in SIZES.items():
        home = pathlib.Path(folder, name)
        (home / "onnx").mkdir(parents=True, exist_ok=True)
        images = torch.zeros(2, 3, size["image"], size["image"])
        torch.onnx.export(
            Vit(**size).eval(),
            (images,),
            str(home / "onnx" / "model.onnx"),
            dynamo=False,
            opset_version=17,
            input_names=["pixel_values"],
            output_names=["last_hidden_state"],
            dynamic_axes={"pixel_values": {0: "images"}, "last_hidden_state": {0: "images"}},
        )
        config = {
            "model_type": "vit",
            "architectures": ["ViTModel"],
            "hidden_size": size["width"],
            "image_size": size["image"],
            "patch_size": size["patch"],
            "num_hidden_layers": size["depth"],
            "num_attention_heads": size["heads"],
        }
        preparing = {
            "image_processor_type": "ViTImageProcessor",
            "do_resize": True,
            "size": {"height": size["image"], "width": size["image"]},
            "do_rescale": True,
            "do_normalize": True,
            "image_mean": [0.5, 0.5, 0.5],
            "image_std": [0.5, 0.5, 0.5],
        }
        (home / "config.json").write_text(json.dumps(config))
        (home / "preprocessor_config.json").write_text(json.dumps(preparing))


main(*sys.argv[1:])
