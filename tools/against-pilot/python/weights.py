"""Gives timm and PILOT's variants of its ViT the weights of a safetensors file instead of downloads."""

import sys
import types

# A network that PILOT does not use; its data classes cannot be made by Python 3.11 and later.
sys.modules["timm.models.maxxvit"] = types.ModuleType("timm.models.maxxvit")

import timm.models.helpers
import timm.models.vision_transformer
from safetensors.torch import load_file


def install(backbone):
    weights = {name: tensor.float() for name, tensor in load_file(backbone["weights"]).items()}

    def fitting(model):
        """The weights, with positions for a model that has tokens of its own: as its own loader makes them."""
        rows = weights["pos_embed"].shape[1]
        if model.pos_embed.shape[1] == rows:
            return weights
        resize = sys.modules[type(model).__module__].resize_pos_embed
        prefix = getattr(model, "num_prefix_tokens", 1)
        positions = resize(weights["pos_embed"], model.pos_embed, prefix, model.patch_embed.grid_size)
        return {**weights, "pos_embed": positions}

    def load(model, *args, **kwargs):
        """By timm's names, as far as the model has them: what the model adds of its own keeps its initial values."""
        missing, unexpected = model.load_state_dict(fitting(model), strict=False)
        own = sorted(set(name.split(".")[0] for name in missing))
        print(f"weights: {len(weights) - len(unexpected)} of {len(weights)} tensors taken; initial values kept in {own}")
        # MEMO cuts a transformer in two: neither half has all blocks.
        foreign = [name for name in unexpected if not name.startswith("blocks.")]
        if foreign:
            raise SystemExit(f"weights: the model has no {', '.join(foreign)}")

    # Both ways of timm's build_model_with_cfg to fetch something.
    timm.models.helpers.load_pretrained = load
    timm.models.helpers.load_custom_pretrained = load

    original = timm.models.vision_transformer._create_vision_transformer

    def create(variant, pretrained=False, **kwargs):
        sizes = dict(
            img_size=backbone["imageSize"],
            patch_size=backbone["patchSize"],
            embed_dim=backbone["width"],
            depth=backbone["depth"],
            num_heads=backbone["heads"],
        )
        return original(variant, pretrained=pretrained, **{**kwargs, **sizes})

    timm.models.vision_transformer._create_vision_transformer = create

    # Image sizes that nobody gave come from a table that knows 224 and 384 pixels.
    update = timm.models.helpers.update_pretrained_cfg_and_kwargs

    def with_size(config, kwargs, kwargs_filter):
        update(config, kwargs, kwargs_filter)
        if "img_size" in kwargs:
            kwargs["img_size"] = backbone["imageSize"]

    timm.models.helpers.update_pretrained_cfg_and_kwargs = with_size
