"""What PILOT draws while it trains, in a way that can be written down: one order of images a task, features one by one."""

import numpy as np
import torch
import torch.utils.data
from torch.distributions.multivariate_normal import MultivariateNormal


class Orders:
    """Every walk over a training set takes the same order, drawn from the seed: a record has one an epoch."""

    def __init__(self, seed):
        self.walked = []
        init = torch.utils.data.DataLoader.__init__

        def in_one_order(loader, dataset, batch_size=1, shuffle=False, num_workers=0, **options):
            sampler = None
            if shuffle:
                draws = np.random.default_rng([seed, len(dataset), int(dataset.labels[0])])
                sampler = [int(i) for i in draws.permutation(len(dataset))]
                if dataset.mode == "train":
                    self.walked.append(([int(dataset.images[i]) for i in sampler], batch_size))
            rest = {name: value for name, value in options.items() if name == "drop_last"}
            init(loader, dataset, batch_size=batch_size, sampler=sampler, **rest)

        torch.utils.data.DataLoader.__init__ = in_one_order


class Features:
    """Features drawn of Gaussians in place of images, and the order in which an epoch walks them."""

    def __init__(self):
        self.clear()
        permute = torch.randperm

        def sample(gaussian, sample_shape=torch.Size()):
            noise = torch.randn(*sample_shape, *gaussian.loc.shape)
            drawn = gaussian.loc + noise @ gaussian.scale_tril.T
            self._epoch.append((noise, drawn))
            return drawn

        def permutation(count, *rest, **options):
            order = permute(count, *rest, **options)
            if self._epoch and count == sum(len(drawn) for _, drawn in self._epoch):
                self._epochs.append((self._epoch, order))
                self._epoch = []
            return order

        MultivariateNormal.sample = sample
        torch.randperm = permutation

    def clear(self):
        self._epoch, self._epochs = [], []

    def tensors(self):
        """Of each epoch: standard normal numbers and what they came to [sources, count, width], and the order."""
        if not self._epochs:
            return {}
        stacked = [[torch.stack(parts) for parts in zip(*draws)] for draws, _ in self._epochs]
        return dict(
            eps=torch.stack([noise for noise, _ in stacked]).contiguous(),
            samples=torch.stack([drawn for _, drawn in stacked]).contiguous(),
            perm=torch.stack([order for _, order in self._epochs]).int().contiguous(),
        )
