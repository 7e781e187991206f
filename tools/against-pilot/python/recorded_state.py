"""What a learner of PILOT's keeps, by the names that golden records have for it."""

import numpy as np
import torch


class State:
    def __init__(self, method, learner, pretrained):
        self._method = method
        self._learner = learner
        known = list(pretrained.values())
        # Some of PILOT's transformers have queries, keys and values apart, and other names.
        known += [part for name, value in pretrained.items() if ".qkv." in name for part in value.chunk(3)]
        self._pretrained = known

    def frozen(self, name, value):
        """Whether it is a weight of the backbone that stands as it was pre-trained."""
        own = value.flatten()
        same = (one.numel() == own.numel() and torch.equal(own, one.flatten()) for one in self._pretrained)
        return "backbone" in name and any(same)

    def network(self):
        tensors = _tensors_of(self._learner._network)
        student = getattr(self._learner, "_snet", None)
        # FOSTER goes on with the student as its network, so that both are one until the next student is made.
        if student is not None and student is not self._learner._network:
            tensors.update({f"snet.{name}": value for name, value in _tensors_of(student).items()})
        return tensors

    def end(self):
        """The network and what stands beside it when a task has been learned."""
        return {**self.network(), **self._statistics()}

    def _statistics(self):
        learner = self._learner
        kept = {}
        if hasattr(learner, "_class_means"):
            means = _floats(learner._class_means)
            kept["class_means" if self._method == "duct" else "stat.class_means"] = means
        if len(learner._data_memory) > 0:
            kept["stat.exemplar_index"] = torch.tensor(learner._data_memory.astype(int)).int()
            kept["stat.exemplar_label"] = torch.tensor(learner._targets_memory.astype(int)).int()
        if hasattr(learner, "_class_means_slca"):
            kept["class_means"] = _floats(learner._class_means_slca)
            kept["class_covs"] = _floats(learner._class_covs_slca)
        for name in ("W_rand", "G", "Q"):
            if isinstance(getattr(learner, name, None), torch.Tensor):
                kept[name] = getattr(learner, name).detach().clone()
        if getattr(learner, "cov_mats", None):
            kept["inv_cov_mats"] = torch.stack([torch.linalg.pinv(each).float() for each in learner.cov_mats])
        if getattr(learner, "fisher_mat", None):
            kept.update({f"fisher.{name}": _floats(value) for name, value in learner.fisher_mat[-1].items()})
        for label, mean in getattr(learner, "cls_mean", {}).items():
            kept[f"cls_mean.{label}"] = _floats(mean)
            kept[f"cls_cov.{label}"] = _floats(learner.cls_cov[label])
        return {name: value.contiguous() for name, value in kept.items()}


def _floats(values):
    return torch.as_tensor(np.asarray(values) if not isinstance(values, torch.Tensor) else values).detach().clone().float()


def _tensors_of(network):
    """By name; of a tensor with several names (LAE attaches its modules to the backbone) the one outside of the backbone."""
    tensors = {n: v for n, v in network.state_dict().items() if not n.endswith("num_batches_tracked")}
    elsewhere = {v.data_ptr() for n, v in tensors.items() if not n.startswith("backbone.")}
    return {
        # A number of its own is a row of one here.
        name: torch.atleast_1d(value.detach().clone().contiguous())
        for name, value in tensors.items()
        if not (name.startswith("backbone.") and value.data_ptr() in elsewhere)
    }
