"""Imports PILOT's modules from a checkout, their text changed on the way in; the checkout itself stays as it is."""

import importlib.abc
import importlib.machinery
import re
import sys

PACKAGES = ("models", "utils", "backbone", "trainer")


def replacements(backbone):
    """PILOT writes the sizes of ViT-B/16 into its code. The same lines with the sizes of the given network."""
    return [
        (r"\bpatch_size ?= ?16\b", f"patch_size={backbone['patchSize']}"),
        (r"\b(img_size|edge_size) ?= ?224\b", rf"\1={backbone['imageSize']}"),
        (r"\bdepth=12\b", f"depth={backbone['depth']}"),
        (r"\bnum_heads=12\b", f"num_heads={backbone['heads']}"),
        (r"\b768\b", str(backbone["width"])),
        # Herding asks for as many images as the memory has room for, even of a class that has fewer.
        (r"for k in range\(1, m \+ 1\):", "for k in range(1, min(m, len(data)) + 1):"),
        (r"np\.full\(m, class_idx\)", "np.full(len(selected_exemplars), class_idx)"),
        # dgr.py moves one tensor to the GPU whatever the device.
        (r"\.cuda\(\)", ""),
        # CODA-Prompt adds to a tensor in place that on a CPU is a leaf with a gradient, which torch refuses.
        (r"\bprompt_loss \+= loss\b", "prompt_loss = prompt_loss + loss"),
    ]


class _Loader(importlib.machinery.SourceFileLoader):
    def __init__(self, name, path, rules):
        super().__init__(name, path)
        self._rules = rules

    def get_code(self, fullname):
        # Not the parent's: that one reads and writes compiled files beside the source.
        path = self.get_filename(fullname)
        text = self.get_data(path).decode("utf8")
        for pattern, replacement in self._rules:
            text = re.sub(pattern, replacement, text)
        return compile(text, path, "exec", dont_inherit=True)


class _Finder(importlib.abc.MetaPathFinder):
    def __init__(self, checkout, rules):
        self._checkout = checkout
        self._rules = rules

    def find_spec(self, fullname, path=None, target=None):
        if fullname.split(".")[0] not in PACKAGES:
            return None
        spec = importlib.machinery.PathFinder.find_spec(fullname, path or [self._checkout], target)
        if spec is not None and isinstance(spec.loader, importlib.machinery.SourceFileLoader):
            spec.loader = _Loader(fullname, spec.loader.path, self._rules)
        return spec


def install(checkout, backbone):
    sys.meta_path.insert(0, _Finder(checkout, replacements(backbone)))
