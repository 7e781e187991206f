"""What Pillow computes for the transforms of @pilotjs/data. Usage: make.py OUTPUT_FOLDER (see README.md)."""
import base64
import hashlib
import json
import random
import sys
from pathlib import Path

import numpy as np
import PIL
from PIL import Image, ImageEnhance, ImageOps

FILTERS = {"bilinear": Image.BILINEAR, "bicubic": Image.BICUBIC}


def pattern(width, height):
    """An image with edges, slopes and noise, from integers alone, so that the tests can draw it again."""
    y, x, c = np.mgrid[0:height, 0:width, 0:3].astype(np.int64)
    noise = (x * 7919 + y * 104729 + c * 1299709 + x * y * 31) % 251
    slope = (x * 3 + y * 5 + c * 60) % 256
    edge = ((x // 5 + y // 3) % 2) * 255
    kind = (x // 16 + y // 16) % 3
    return Image.fromarray(np.where(kind == 0, noise, np.where(kind == 1, slope, edge)).astype(np.uint8), "RGB")


def hue(image, factor):
    """torchvision.transforms._functional_pil.adjust_hue."""
    h, s, v = image.convert("HSV").split()
    turned = np.array(h, dtype=np.uint8) + np.array(int(factor * 255)).astype(np.uint8)
    return Image.merge("HSV", (Image.fromarray(turned, "L"), s, v)).convert("RGB")


ADJUST = {
    "brightness": lambda image, factor: ImageEnhance.Brightness(image).enhance(factor),
    "contrast": lambda image, factor: ImageEnhance.Contrast(image).enhance(factor),
    "saturation": lambda image, factor: ImageEnhance.Color(image).enhance(factor),
    "hue": hue,
}


def digest(image):
    raw = image.tobytes()
    seen = {"width": image.width, "height": image.height, "sha256": hashlib.sha256(raw).hexdigest()}
    # Small results are written out, so that a failing test can tell which bytes differ.
    return {**seen, "base64": base64.b64encode(raw).decode()} if len(raw) <= 1200 else seen


def resample_cases(rng):
    def case(width, height, box, to, name):
        left, top, w, h = box
        image = pattern(width, height).crop((left, top, left + w, top + h)).resize(to, FILTERS[name])
        return {"width": width, "height": height, "box": list(box), "to": list(to), "filter": name, "expected": digest(image)}

    fixed = [
        (37, 23, (0, 0, 37, 23), (16, 10)),
        (37, 23, (0, 0, 37, 23), (16, 23)),
        (37, 23, (0, 0, 37, 23), (37, 9)),
        (20, 20, (3, 5, 1, 1), (12, 12)),
        (32, 32, (0, 0, 32, 32), (256, 256)),
        (500, 375, (0, 0, 500, 375), (341, 256)),
        (500, 375, (17, 40, 301, 222), (224, 224)),
    ]
    for name in FILTERS:
        for args in fixed:
            yield case(*args, name)
        for _ in range(20):
            width, height = rng.randint(1, 160), rng.randint(1, 160)
            w, h = rng.randint(1, width), rng.randint(1, height)
            box = (rng.randint(0, width - w), rng.randint(0, height - h), w, h)
            yield case(width, height, box, (rng.randint(1, 96), rng.randint(1, 96)), name)


def color_cases():
    factors = [0, 0.25, 0.5, 0.753, 1, 1.1, 1.247, 2]
    for name, adjust in ADJUST.items():
        for factor in [-0.5, -0.11, 0, 0.05, 0.3, 0.5] if name == "hue" else factors:
            yield {"width": 61, "height": 47, "adjust": name, "factor": factor, "expected": digest(adjust(pattern(61, 47), factor))}


# Every luma with chroma of all strengths, so that rounding and clipping of the conversion show.
NOISE = np.random.default_rng(7).integers(0, 256, (40, 64, 3), dtype=np.uint8)


def turned_exif(orientation):
    exif = Image.Exif()
    exif[0x112] = orientation
    return exif


def turned_cases(folder):
    """Images that say how they are to be turned, and the pixels of `ImageOps.exif_transpose`."""
    for orientation in range(2, 9):
        name = f"turned-{orientation}.jpg"
        pattern(24, 16).save(folder / name, quality=90, exif=turned_exif(orientation))
        yield {"file": name, "expected": digest(ImageOps.exif_transpose(Image.open(folder / name)).convert("RGB"))}


def decode_cases(folder):
    """Encoded images and the pixels of `Image.open(file).convert('RGB')`."""
    smooth = pattern(40, 30).resize((64, 48), Image.BICUBIC)
    alpha = smooth.copy().convert("RGBA")
    alpha.putalpha(Image.linear_gradient("L").resize(smooth.size))
    images = {
        "color.jpg": (smooth, {"quality": 90}),
        "subsampled.jpg": (smooth, {"quality": 75, "subsampling": 2}),
        "progressive.jpg": (smooth, {"quality": 80, "progressive": True}),
        "grey.jpg": (smooth.convert("L"), {"quality": 90}),
        "color.png": (smooth, {}),
        "grey.png": (smooth.convert("L"), {}),
        "palette.png": (smooth.quantize(16), {}),
        "alpha.png": (alpha, {}),
        "lossless.webp": (smooth, {"lossless": True}),
        "cmyk.jpg": (smooth.convert("CMYK"), {"quality": 90}),
        "cmyk.tif": (smooth.crop((0, 0, 24, 16)).convert("CMYK"), {}),
    }
    for name, (image, options) in images.items():
        image.save(folder / name, **options)
        yield {"file": name, "expected": digest(Image.open(folder / name).convert("RGB"))}
    # Pillow before 13 writes such files and can't read them: what they hold is converted without the file between.
    raw = Image.fromarray(NOISE, "YCbCr")
    raw.save(folder / "ycbcr.tif")
    yield {"file": "ycbcr.tif", "expected": digest(raw.convert("RGB"))}


def main():
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    cases = {
        "pillow": PIL.__version__,
        "resample": list(resample_cases(random.Random(1993))),
        "color": list(color_cases()),
        "decode": list(decode_cases(folder)),
        "turned": list(turned_cases(folder)),
    }
    (folder / "pillow.json").write_text(json.dumps(cases, indent=1) + "\n")


main()
