"""What a recorded case learns: random images of random patterns, with a random tiny transformer under timm's names."""

import torch

SIZES = dict(imageSize=32, patchSize=8, width=32, depth=6, heads=4)


class RandomCase:
    def __init__(self, seed, classes):
        self._generator = torch.Generator().manual_seed(seed)
        self._classes = classes
        self._patterns = self._normals(classes, 3, SIZES["imageSize"], SIZES["imageSize"])
        self.train_x, self.train_y = self._images(9)
        self.test_x, self.test_y = self._images(4)
        self.backbone = self._backbone()

    def _normals(self, *shape, scale=1.0, mean=0.0):
        return (mean + scale * torch.randn(*shape, generator=self._generator)).contiguous()

    def _images(self, per_class):
        noise = self._normals(self._classes * per_class, *self._patterns.shape[1:], scale=0.7)
        pixels = torch.sigmoid(self._patterns.repeat_interleave(per_class, 0) + noise)
        return pixels, torch.arange(self._classes).repeat_interleave(per_class).int()

    def _backbone(self):
        """Nothing stands at its initial value, so that every path of the forward pass counts."""
        width, patch = SIZES["width"], SIZES["patchSize"]
        filters = self._normals(width, 3, patch, patch, scale=(3 * patch * patch) ** -0.5)
        weights = {
            "cls_token": self._normals(1, 1, width, scale=0.1),
            "pos_embed": self._normals(1, 1 + (SIZES["imageSize"] // patch) ** 2, width, scale=0.1),
            "patch_embed.proj.weight": filters - filters.mean((1, 2, 3), keepdim=True),
            "patch_embed.proj.bias": self._normals(width, scale=0.1),
        }
        linear = {"attn.qkv": (3, 1), "attn.proj": (1, 1), "mlp.fc1": (4, 1), "mlp.fc2": (1, 4)}
        norms = ["norm"]
        for block in range(SIZES["depth"]):
            norms += [f"blocks.{block}.norm1", f"blocks.{block}.norm2"]
            for name, (rows, columns) in linear.items():
                shape = (rows * width, columns * width)
                weights[f"blocks.{block}.{name}.weight"] = self._normals(*shape, scale=shape[1] ** -0.5)
                weights[f"blocks.{block}.{name}.bias"] = self._normals(shape[0], scale=0.1)
        for name in norms:
            weights[f"{name}.weight"] = self._normals(width, scale=0.1, mean=1.0)
            weights[f"{name}.bias"] = self._normals(width, scale=0.1)
        return weights
