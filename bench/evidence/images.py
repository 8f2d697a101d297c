"""Networks for images: convolutions with Nesterov's momentum, and a perceptron with Adam."""

from pathlib import Path

import torch
from torch import nn
from torch.nn.functional import cross_entropy

from bench.evidence import data
from bench.evidence.training import Epochs, Network, Report, perform
from glissando import OnPlateau, Schedule

BATCH = 32


class Images(Network):
    """A network that says what an image shows."""

    def __init__(self, seed: int, parts: data.Parts) -> None:
        self.parts = parts
        self.batches = Epochs(seed, len(parts.learned[0]), BATCH)
        torch.manual_seed(seed)

    def loss_at(self, step: int) -> torch.Tensor:
        x, y = self.parts.learned
        at = self.batches.at(step)
        return cross_entropy(self.model(x[at]), y[at])

    @torch.inference_mode()
    def measured(self, x: torch.Tensor, y: torch.Tensor) -> dict[str, float]:
        said = torch.cat([self.model(batch) for batch in x.split(500)])
        wrong = (said.argmax(1) != y).float().mean().item()
        return {"loss": cross_entropy(said, y).item(), "error": wrong}

    def watched(self) -> float:
        return self.measured(*self.parts.watched)["loss"]

    def judged(self) -> dict[str, float]:
        return self.measured(*self.parts.judged)


class Convolutions(Images):
    """Two convolutions on Fashion-MNIST, with SGD."""

    def __init__(self, seed: int) -> None:
        super().__init__(seed, data.fashion(8_000, 500, 10_000))
        first = nn.Conv2d(1, 8, 5, stride=2), nn.ReLU()
        second = nn.Conv2d(8, 16, 3), nn.ReLU(), nn.MaxPool2d(2)
        last = nn.Flatten(), nn.Linear(400, 64), nn.ReLU(), nn.Linear(64, 10)
        self.model = nn.Sequential(*first, *second, *last)
        options = {"lr": 0.0, "momentum": 0.9, "nesterov": True, "weight_decay": 5e-4}
        self.optimizer = torch.optim.SGD(self.model.parameters(), **options)


class Perceptron(Images):
    """Two hidden layers on 600 of scikit-learn's digits, with Adam."""

    def __init__(self, seed: int) -> None:
        super().__init__(seed, data.digits(600, 197, 1_000))
        first, second = (nn.Linear(64, 64), nn.ReLU()), (nn.Linear(64, 64), nn.ReLU())
        self.model = nn.Sequential(*first, *second, nn.Linear(64, 10))
        self.optimizer = torch.optim.Adam(self.model.parameters(), fused=True)


def train_convolutions(
    schedule: Schedule | OnPlateau, seed: int, resume: Path | None, report: Report
) -> float:
    """Return the loss on test images; the error, as a fraction of them, is printed."""
    return perform(Convolutions(seed), schedule, resume, report)


def train_perceptron(
    schedule: Schedule | OnPlateau, seed: int, resume: Path | None, report: Report
) -> float:
    """Return the loss on digits that were not seen; the error is printed."""
    return perform(Perceptron(seed), schedule, resume, report)
