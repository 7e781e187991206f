"""Records what PILOT computes, step by step, in the form that `pnpm parity --golden DIR` reads: random images, a random tiny ViT.

record.py CHECKOUT DIR CASE SEED CONFIG.json ['{"init_cls": 4, …}']

For methods whose training draws nothing but batches, and that keep no exemplars: simplecil, finetune, aper_*, l2p, dualprompt, duct.
"""

import importlib
import json
import os
import sys

import numpy as np
import torch
from safetensors.torch import save_file

checkout, out, case, seed = sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4])
with open(sys.argv[5]) as file:
    config = json.load(file)
config.update(json.loads(sys.argv[6]) if len(sys.argv) > 6 else {})
method = config["model_name"]
classes = config.pop("classes", 10)
sizes = dict(imageSize=32, patchSize=8, width=32, depth=6, heads=4)
torch.set_num_threads(1)
generator = torch.Generator().manual_seed(seed)


def normals(*shape, scale=1.0, mean=0.0):
    return (mean + scale * torch.randn(*shape, generator=generator)).contiguous()


def random_backbone():
    """timm's names. Nothing stands at its initial value, so that every path of the forward pass counts."""
    width, patch = sizes["width"], sizes["patchSize"]
    filters = normals(width, 3, patch, patch, scale=(3 * patch * patch) ** -0.5)
    weights = {
        "cls_token": normals(1, 1, width, scale=0.1),
        "pos_embed": normals(1, 1 + (sizes["imageSize"] // patch) ** 2, width, scale=0.1),
        "patch_embed.proj.weight": filters - filters.mean((1, 2, 3), keepdim=True),
        "patch_embed.proj.bias": normals(width, scale=0.1),
    }
    linear = {"attn.qkv": (3, 1), "attn.proj": (1, 1), "mlp.fc1": (4, 1), "mlp.fc2": (1, 4)}
    norms = ["norm"]
    for block in range(sizes["depth"]):
        norms += [f"blocks.{block}.norm1", f"blocks.{block}.norm2"]
        for name, (rows, columns) in linear.items():
            shape = (rows * width, columns * width)
            weights[f"blocks.{block}.{name}.weight"] = normals(*shape, scale=shape[1] ** -0.5)
            weights[f"blocks.{block}.{name}.bias"] = normals(shape[0], scale=0.1)
    for name in norms:
        weights[f"{name}.weight"] = normals(width, scale=0.1, mean=1.0)
        weights[f"{name}.bias"] = normals(width, scale=0.1)
    return weights


patterns = normals(classes, 3, sizes["imageSize"], sizes["imageSize"])


def random_images(per_class):
    noise = normals(classes * per_class, *patterns.shape[1:], scale=0.7)
    pixels = torch.sigmoid(patterns.repeat_interleave(per_class, 0) + noise)
    return pixels, torch.arange(classes).repeat_interleave(per_class).int()


train_x, train_y = random_images(9)
test_x, test_y = random_images(4)
folder = f"{out}/{method}/{case}"
os.makedirs(folder, exist_ok=True)
data_file, backbone_file = f"data-{seed}.safetensors", f"backbone-{seed}.safetensors"
pretrained = random_backbone()
save_file(dict(train_x=train_x, train_y=train_y, test_x=test_x, test_y=test_y), f"{out}/{data_file}")
save_file(pretrained, f"{out}/{backbone_file}")

import missing_parts
import patched_import
import weights

backbone = dict(sizes, weights=f"{out}/{backbone_file}")
patched_import.install(os.path.abspath(checkout), backbone)
weights.install(backbone)

import torch.utils.data

orders = []
_init_loader = torch.utils.data.DataLoader.__init__


def _in_one_order(self, dataset, batch_size=1, shuffle=False, num_workers=0, **options):
    """Every walk over a set takes the same order, drawn from the seed: a record has one an epoch."""
    sampler = None
    if shuffle:
        draws = np.random.default_rng([seed, len(dataset), int(dataset.labels[0])])
        sampler = [int(i) for i in draws.permutation(len(dataset))]
        if dataset.mode == "train":
            orders.append(([int(dataset.images[i]) for i in sampler], batch_size))
    rest = {name: value for name, value in options.items() if name == "drop_last"}
    _init_loader(self, dataset, batch_size=batch_size, sampler=sampler, **rest)


torch.utils.data.DataLoader.__init__ = _in_one_order
import utils.data_manager as data_manager

asked = {}
_get_dataset = data_manager.DataManager.get_dataset


def _asked(self, indices, source, mode, *rest, **options):
    asked.update(source=source, mode=mode)
    return _get_dataset(self, indices, source, mode, *rest, **options)


class Rows(torch.utils.data.Dataset):
    """Images that are rows of the recorded tensors, as they are: no augmentation, no normalisation."""

    def __init__(self, images, labels, transform, use_path=False):
        self.images, self.labels, self.mode = images, labels, asked["mode"]
        self.pixels = test_x if asked["source"] == "test" else train_x

    def __len__(self):
        return len(self.images)

    def __getitem__(self, i):
        return i, self.pixels[int(self.images[i])], int(self.labels[i])


class Data:
    use_path = False
    train_trsf, test_trsf, common_trsf = [], [], []
    class_order = list(range(classes))

    def download_data(self):
        self.train_data, self.train_targets = np.arange(len(train_y)), train_y.numpy().astype(int)
        self.test_data, self.test_targets = np.arange(len(test_y)), test_y.numpy().astype(int)


data_manager.DataManager.get_dataset = _asked
data_manager.DummyDataset = Rows
data_manager._get_idata = lambda *args, **options: Data()
args = dict(config, device=[torch.device("cpu")], seed=seed, shuffle=False, prefix="", nb_classes=classes)
np.random.seed(seed)
torch.manual_seed(seed)
manager = data_manager.DataManager("tiny", False, seed, args["init_cls"], args["increment"], args)
args["nb_tasks"] = manager.nb_tasks

from utils import factory

missing_parts.complete(method, importlib.import_module(f"models.{method}").Learner)
learner = factory.get_model(method, args)
for module in learner._network.modules():
    if isinstance(module, torch.nn.Dropout):
        module.p = 0.0
    if isinstance(getattr(module, "dropout", None), float):
        module.dropout = 0.0


# Some of PILOT's transformers have queries, keys and values apart, and other names.
known = list(pretrained.values())
known += [part for name, value in pretrained.items() if ".qkv." in name for part in value.chunk(3)]


def frozen(name, value):
    """Whether it is a weight of the backbone that stands as it was pre-trained."""
    own = value.flatten()
    return "backbone" in name and any(own.numel() == one.numel() and torch.equal(own, one.flatten()) for one in known)


def state():
    tensors = {name: value.detach().clone().contiguous() for name, value in learner._network.state_dict().items()}
    return {name: value for name, value in tensors.items() if not name.endswith("num_batches_tracked")}


losses, start = [], {}
_backward = torch.Tensor.backward


def _recorded(self, *rest, **options):
    if not losses:
        start.update(state())
    losses.append(float(self.detach()))
    return _backward(self, *rest, **options)


torch.Tensor.backward = _recorded
tasks = []
for task in range(manager.nb_tasks):
    losses.clear()
    start.clear()
    orders.clear()
    before, count = learner._known_classes, manager.get_task_size(task)
    # PILOT's 5 would end with an error on fewer classes.
    learner.topk = min(5, before + count)
    learner.incremental_train(manager)
    end = state()
    if hasattr(learner, "_class_means"):
        end["class_means"] = torch.tensor(np.array(learner._class_means)).float()
    # What stays as it was pre-trained in the end may still have been elsewhere in between: both are asked.
    moving = {name for name, value in end.items() if not frozen(name, value)}
    save_file({name: end[name] for name in moving}, f"{folder}/task{task}.end.safetensors")
    files = ["end", "eval"]
    if start:
        kept = {name: value for name, value in start.items() if name in moving or not frozen(name, value)}
        save_file(kept, f"{folder}/task{task}.start.safetensors")
        files.append("start")

    scores = []

    def scored(loader):
        learner._network.eval()
        asks = {"task_id": learner._cur_task} if method in ("l2p", "dualprompt") else {}
        with torch.no_grad():
            found = torch.cat([learner._network(images, **asks)["logits"] for _, images, _ in loader])
        scores.append(found[:, : learner._total_classes].contiguous())
        labels = torch.cat([own for _, _, own in loader])
        return torch.topk(scores[-1], learner.topk, 1)[1].numpy(), labels.numpy()

    learner._eval_cnn = scored
    head, nearest = learner.eval_task()
    evaluation = dict(logits=scores[0], pred=scores[0].argmax(1).int())
    save_file(evaluation, f"{folder}/task{task}.eval.safetensors")

    def accuracies(of):
        return of and dict(top1=float(of["top1"]), grouped={name: float(value) for name, value in of["grouped"].items()})

    own_rows = [row for row in range(len(train_y)) if before <= train_y[row] < before + count]
    order, batch = orders[0] if orders else (own_rows, args["batch_size"])
    tasks.append(
        dict(
            classesBefore=before,
            classes=count,
            trainBatchSize=batch,
            trainOrder=order,
            losses=[dict(phase="train", loss=loss) for loss in losses],
            **accuracies(head),
            nme=accuracies(nearest),
            files=files,
        )
    )
    learner.after_task()

unread = ("prefix", "dataset", "shuffle", "device", "seed", "print_forget")
record = dict(
    method=method,
    case=case,
    data=data_file,
    backbone=backbone_file,
    vit=dict(sizes, mlpRatio=4, layerNormEps=1e-6),
    options={name: value for name, value in config.items() if name not in unread},
    tasks=tasks,
)
with open(f"{folder}/case.json", "w") as file:
    json.dump(record, file)
print(method, case, [task["top1"] for task in tasks])
