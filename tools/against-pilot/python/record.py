"""Records what PILOT computes, step by step, in the form that `pnpm parity --golden DIR` reads: random images, a random tiny ViT.

record.py CHECKOUT DIR CASE SEED CONFIG.json ['{"init_cls": 4, …}']
"""

import importlib
import json
import os
import sys

import numpy as np
import torch
from safetensors.torch import save_file

import missing_parts
import patched_import
import weights
from random_case import SIZES, RandomCase
from recorded_draws import Features, Orders
from recorded_scores import Scores, accuracies
from recorded_state import State

checkout, out, case, seed = sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4])
with open(sys.argv[5]) as file:
    config = json.load(file)
config.update(json.loads(sys.argv[6]) if len(sys.argv) > 6 else {})
method = config["model_name"]
classes = config.pop("classes", 10)
torch.set_num_threads(1)

data = RandomCase(seed, classes)
folder = f"{out}/{method}/{case}"
os.makedirs(folder, exist_ok=True)
data_file, backbone_file = f"data-{seed}.safetensors", f"backbone-{seed}.safetensors"
save_file({name: getattr(data, name) for name in ("train_x", "train_y", "test_x", "test_y")}, f"{out}/{data_file}")
save_file(data.backbone, f"{out}/{backbone_file}")

backbone = dict(SIZES, weights=f"{out}/{backbone_file}")
patched_import.install(os.path.abspath(checkout), backbone)
weights.install(backbone)
orders, features = Orders(seed), Features()

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
        self.pixels = data.test_x if asked["source"] == "test" else data.train_x

    def __len__(self):
        return len(self.images)

    def __getitem__(self, i):
        return i, self.pixels[int(self.images[i])], int(self.labels[i])


class Images:
    use_path = False
    train_trsf, test_trsf, common_trsf = [], [], []
    class_order = list(range(classes))

    def download_data(self):
        self.train_data, self.train_targets = np.arange(len(data.train_y)), data.train_y.numpy().astype(int)
        self.test_data, self.test_targets = np.arange(len(data.test_y)), data.test_y.numpy().astype(int)


data_manager.DataManager.get_dataset = _asked
data_manager.DummyDataset = Rows
data_manager._get_idata = lambda *args, **options: Images()
args = dict(config, device=[torch.device("cpu")], seed=seed, shuffle=False, prefix="", nb_classes=classes)
np.random.seed(seed)
torch.manual_seed(seed)
manager = data_manager.DataManager("tiny", False, seed, args["init_cls"], args["increment"], args)
args["nb_tasks"] = manager.nb_tasks

from utils import factory

missing_parts.complete(method, importlib.import_module(f"models.{method}").Learner)
learner = factory.get_model(method, args)
kept = State(method, learner, data.backbone)


def without_dropout():
    for module in learner._network.modules():
        if isinstance(module, torch.nn.Dropout):
            module.p = 0.0
        if isinstance(getattr(module, "dropout", None), float):
            module.dropout = 0.0


losses, start, student_start = [], {}, {}
_backward = torch.Tensor.backward


def _recorded(self, *rest, **options):
    if not losses:
        start.update(kept.network())
    now = kept.network()
    # FOSTER's second phase: what the student began with.
    if not student_start and not any(name.startswith("snet.") for name in start):
        student_start.update({name: value for name, value in now.items() if name.startswith("snet.")})
    losses.append(float(self.detach()))
    return _backward(self, *rest, **options)


torch.Tensor.backward = _recorded
_update_fc = type(learner._network).update_fc if hasattr(type(learner._network), "update_fc") else None
noise = torch.Generator().manual_seed(seed)


def disturbed(network, *rest, **options):
    """DGR scales up what its first step is to distil, which is rounding noise: heads are moved, so that there is something."""
    _update_fc(network, *rest, **options)
    if learner._cur_task > 0:
        for value in network.fc.parameters():
            value.data += 0.3 * torch.randn(value.shape, generator=noise) / SIZES["width"] ** 0.5


if method == "dgr":
    type(learner._network).update_fc = disturbed
tasks = []
for task in range(manager.nb_tasks):
    for record in (losses, start, student_start, orders.walked, features):
        record.clear()
    before, count = learner._known_classes, manager.get_task_size(task)
    # PILOT's 5 would end with an error on fewer classes.
    learner.topk = min(5, before + count)
    without_dropout()
    learner.incremental_train(manager)
    end = kept.end()
    # What stays as it was pre-trained in the end may still have been elsewhere in between: both are asked.
    moving = {name for name, value in end.items() if not kept.frozen(name, value)}

    def started(tensors):
        return {name: v for name, v in tensors.items() if name in moving or not kept.frozen(name, v)}

    head, nearest, evaluation = Scores(learner).evaluate()
    written = dict(
        end={name: end[name] for name in moving},
        eval=evaluation,
        start=started(start),
        snet_start=started(student_start),
        random=features.tensors(),
    )
    for name, tensors in written.items():
        if tensors:
            save_file(tensors, f"{folder}/task{task}.{name}.safetensors")
    own_rows = [row for row in range(len(data.train_y)) if before <= data.train_y[row] < before + count]
    order, batch = orders.walked[0] if orders.walked else (own_rows, args["batch_size"])
    tasks.append(
        dict(
            classesBefore=before,
            classes=count,
            trainBatchSize=batch,
            trainOrder=order,
            losses=[dict(phase="train", loss=loss) for loss in losses],
            **accuracies(head),
            nme=accuracies(nearest),
            files=[name for name, tensors in written.items() if tensors],
        )
    )
    learner.after_task()

unread = ("prefix", "dataset", "shuffle", "device", "seed", "print_forget")
record = dict(
    method=method,
    case=case,
    data=data_file,
    backbone=backbone_file,
    vit=dict(SIZES, mlpRatio=4, layerNormEps=1e-6),
    options={name: value for name, value in config.items() if name not in unread},
    tasks=tasks,
)
with open(f"{folder}/case.json", "w") as file:
    json.dump(record, file)
print(method, case, [task["top1"] for task in tasks])
