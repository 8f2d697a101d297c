"""A weight under gradient 1: by how much it moves is the rate that was used."""

import torch


def parameter(value=0.0):
    return torch.nn.Parameter(torch.tensor(value, dtype=torch.float64))


def sgd(*lrs, make=torch.optim.SGD, **options):
    """Return plain SGD, one group a rate."""
    return make([{"params": [parameter()], "lr": lr} for lr in lrs or (9.0,)], **options)


def update(optimizer, apply=None):
    """Do one update and return by how much each group's weight moved."""
    weights = [group["params"][0] for group in optimizer.param_groups]
    for weight in weights:
        weight.data.zero_()
        weight.grad = torch.ones_like(weight)
    (apply or optimizer.step)()
    return [-weight.item() for weight in weights]


def epoch(optimizer, updates):
    """Return the rates that the updates of an epoch used, in the first group."""
    return [update(optimizer)[0] for _ in range(updates)]
