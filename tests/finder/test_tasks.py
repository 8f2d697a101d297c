"""The best of a fine grid lies in the interval, on real tasks; and a fine-tuning is not spoiled."""

import copy

import numpy as np
import pytest
import torch
from sklearn.datasets import load_digits
from torch.nn.functional import cross_entropy

import glissando as gl
from glissando.finder.training import Training


@pytest.fixture(autouse=True)
def one_thread():
    """Keep small models from waiting for threads that others use."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


class Loop(Training):
    """A plain loop of PyTorch."""

    def __init__(self, model, optimizer, batch):
        self.model, self.optimizer, self.batch = model, optimizer, batch
        self.draw = torch.Generator().manual_seed(0)

    def loss(self):
        inputs, targets = self.batch(self.draw)
        outputs = self.model(inputs)
        if targets.is_floating_point():
            return torch.mean((outputs - targets) ** 2)
        return cross_entropy(outputs.flatten(0, -2), targets.flatten())

    def step(self, rate):
        for group in self.optimizer.param_groups:
            group["lr"] = rate
        self.optimizer.zero_grad()
        loss = self.loss()
        loss.backward()
        self.optimizer.step()
        return loss.item()

    def save(self):
        own = self.model.state_dict(), self.optimizer.state_dict(), self.draw.get_state()
        return copy.deepcopy(own)

    def restore(self, state):
        model, optimizer, draw = copy.deepcopy(state)
        self.model.load_state_dict(model)
        self.optimizer.load_state_dict(optimizer)
        self.draw.set_state(draw)

    def reseed(self, seed):
        self.draw.manual_seed(seed)


def digits(optimizer):
    images, labels = load_digits(return_X_y=True)
    inputs, targets = torch.tensor(images / 16, dtype=torch.float32), torch.tensor(labels)
    layers = torch.nn.Linear(64, 64), torch.nn.ReLU(), torch.nn.Linear(64, 10)

    def batch(draw):
        chosen = torch.randint(0, len(inputs), (64,), generator=draw)
        return inputs[chosen], targets[chosen]

    model = torch.nn.Sequential(*layers)
    return Loop(model, optimizer(model.parameters()), batch)


def least_squares(optimizer):
    inputs = torch.randn(400, 20) * torch.logspace(-1, 0.3, 20)
    targets = inputs @ torch.randn(20, 1) + 0.1 * torch.randn(400, 1)

    def batch(draw):
        chosen = torch.randint(0, len(inputs), (32,), generator=draw)
        return inputs[chosen], targets[chosen]

    model = torch.nn.Linear(20, 1)
    return Loop(model, optimizer(model.parameters()), batch)


def sgd(parameters):
    return torch.optim.SGD(parameters, lr=0.1)


def best_of_grid(training, rates, steps):
    """Return the rate of the lowest loss at the end of runs at constant rates."""
    begin, losses = training.save(), []
    for rate in rates:
        training.restore(begin)
        training.reseed(1000)
        losses.append(np.mean([training.step(rate) for _ in range(steps)][-steps // 4 :]))
    training.restore(begin)
    return rates[int(np.nanargmin(losses))]


@pytest.mark.parametrize(
    ("task", "optimizer", "rates"),
    [
        (digits, sgd, np.geomspace(0.01, 5.0, 16)),
        (digits, torch.optim.Adam, np.geomspace(5e-4, 0.5, 16)),
        (least_squares, sgd, np.geomspace(0.005, 0.5, 16)),
    ],
    ids=["digits with SGD", "digits with Adam", "least squares"],
)
def test_the_best_of_a_fine_grid_lies_in_the_interval(task, optimizer, rates):
    torch.manual_seed(0)
    training = task(optimizer)
    found = gl.find_rate(training, seeds=2)
    best = best_of_grid(training, rates, steps=200)
    assert found.interval.low <= best <= found.interval.high
    assert found.interval.high <= 10.001 * found.interval.low


class Transformer(torch.nn.Module):
    """Two layers that predict the next of 12 letters."""

    def __init__(self, width=16, letters=12, context=12):
        super().__init__()
        self.letters = torch.nn.Embedding(letters, width)
        self.places = torch.nn.Parameter(torch.zeros(context, width))
        self.layers = torch.nn.ModuleList(
            torch.nn.TransformerEncoderLayer(
                width, 2, 2 * width, dropout=0.0, batch_first=True, norm_first=True
            )
            for _ in range(2)
        )
        self.out = torch.nn.Linear(width, letters)
        mask = torch.nn.Transformer.generate_square_subsequent_mask(context)
        self.register_buffer("mask", mask)

    def forward(self, letters):
        hidden = self.letters(letters) + self.places
        for layer in self.layers:
            hidden = layer(hidden, src_mask=self.mask, is_causal=True)
        return self.out(hidden)


def text(chances, length=5_000):
    draw, letters = np.random.default_rng(0), [0]
    steps = np.cumsum(chances, axis=1)
    for share in draw.random(length):
        letters.append(min(int(np.searchsorted(steps[letters[-1]], share)), 11))
    return torch.tensor(letters)


def batches(letters):
    def batch(draw):
        begins = torch.randint(0, len(letters) - 13, (16, 1), generator=draw)
        rows = letters[begins + torch.arange(13)]
        return rows[:, :-1], rows[:, 1:]

    return batch


def test_a_fine_tuned_transformer_gets_no_rate_that_is_far_too_large():
    torch.manual_seed(0)
    draw = np.random.default_rng(1)
    before, other = draw.dirichlet(np.full(12, 0.2), 12), draw.dirichlet(np.full(12, 0.2), 12)
    model = Transformer()
    training = Loop(model, torch.optim.AdamW(model.parameters()), batches(text(before)))
    for _ in range(200):
        training.step(5e-3)
    training.batch = batches(text(0.97 * before + 0.03 * other))
    found = gl.find_rate(training, seeds=1, steps=50)
    best = best_of_grid(training, np.geomspace(1e-4, 3e-2, 8), steps=80)
    assert found.rate <= 3 * best
    assert any("hardly falls" in doubt for doubt in found.doubts)
