"""Runs PILOT's own trainer on one config: run_pilot.py JOB.json. Writes what it came to beside it (JOB.result.json)."""

import importlib
import json
import os
import resource
import sys

job_file = os.path.abspath(sys.argv[1])
with open(job_file) as file:
    job = json.load(file)

import image_folder
import missing_parts
import patched_import
import weights

patched_import.install(job["checkout"], job["backbone"])
weights.install(job["backbone"])

import numpy
import timm
import torch
import torch.utils.data
import torchvision

torch.set_num_threads(job["threads"])
torch.set_num_interop_threads(1)

_init_loader = torch.utils.data.DataLoader.__init__


def _in_this_process(self, *args, **kwargs):
    """PILOT starts 4 to 16 processes for every pass over the data; on one thread they only cost."""
    _init_loader(self, *args, **{**kwargs, "num_workers": 0})


torch.utils.data.DataLoader.__init__ = _in_this_process

import trainer
import utils.data_manager
from utils import factory

utils.data_manager._get_idata = lambda name, args=None: image_folder.ImageFolder(job["images"], job["backbone"])
name = job["config"]["model_name"]
missing_parts.complete(name, importlib.import_module(f"models.{name}").Learner)
start = resource.getrusage(resource.RUSAGE_SELF)

head, nearest_mean = [], []
_get_model = factory.get_model


def _watched(name, args):
    learner = _get_model(name, args)
    eval_task = learner.eval_task

    def watch(*a, **k):
        result = eval_task(*a, **k)
        cnn, nme = result[0], result[1]
        head.append(float(cnn["top1"]))
        if nme is not None:
            nearest_mean.append(float(nme["top1"]))
        return result

    learner.eval_task = watch
    return learner


factory.get_model = _watched
os.makedirs(job["scratch"], exist_ok=True)
os.chdir(job["scratch"])
trainer.train(dict(job["config"]))

with open(job_file.replace(".json", ".result.json"), "w") as file:
    json.dump(
        {
            "head": head,
            "nearestMean": nearest_mean,
            "startCpuSeconds": start.ru_utime + start.ru_stime,
            "versions": {
                "python": sys.version.split()[0],
                "torch": torch.__version__,
                "torchvision": torchvision.__version__,
                "timm": timm.__version__,
                "numpy": numpy.__version__,
            },
        },
        file,
    )
