"""A data set of PILOT made of train/CLASS/* and test/CLASS/*, with the transforms that pilotjs takes for the same network."""

import os

import numpy as np
from torchvision import transforms
from torchvision.transforms import InterpolationMode

INTERPOLATION = {"bicubic": InterpolationMode.BICUBIC, "bilinear": InterpolationMode.BILINEAR}


def small_images(backbone):
    size = backbone["imageSize"]
    fit = [
        transforms.Resize(size, interpolation=INTERPOLATION[backbone["interpolation"]]),
        transforms.CenterCrop(size),
    ]
    return fit + [transforms.RandomCrop(size, padding=round(size / 16), padding_mode="edge")], fit


def large_images(backbone):
    size = backbone["imageSize"]
    train = [transforms.RandomResizedCrop(size, scale=(0.05, 1.0)), transforms.RandomHorizontalFlip()]
    larger = int(256 / 224 * size)
    return train, [transforms.Resize(larger, interpolation=InterpolationMode.BICUBIC), transforms.CenterCrop(size)]


class ImageFolder:
    use_path = True

    def __init__(self, root, backbone):
        self.root = root
        self.train_trsf, self.test_trsf = (small_images if backbone["imageSize"] <= 64 else large_images)(backbone)
        self.common_trsf = [
            transforms.ToTensor(),
            transforms.Normalize(mean=backbone["mean"], std=backbone["std"]),
        ]
        self.class_order = list(range(len(self._classes())))

    def _classes(self):
        return sorted(os.listdir(os.path.join(self.root, "train")))

    def download_data(self):
        self.train_data, self.train_targets = self._split("train")
        self.test_data, self.test_targets = self._split("test")

    def _split(self, split):
        files, labels = [], []
        for label, name in enumerate(self._classes()):
            folder = os.path.join(self.root, split, name)
            for file in sorted(os.listdir(folder)):
                files.append(os.path.join(folder, file))
                labels.append(label)
        return np.array(files), np.array(labels)
