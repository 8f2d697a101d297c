"""How the tasks train: by a schedule's rates, from any step on, and the same way each time."""

import math
from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import torch
from torch import nn

from glissando import OnPlateau, PlateauState, Schedule

WATCHED = 20
"""How often in a run a plateau observes the loss on the watched part."""


class Report(Protocol):
    """What a training reports to: see `glissando.studies`."""

    def __call__(
        self, step: int, loss: float | None = None, *, save: Callable[[Path], None] | None = None
    ) -> None: ...


class Learner(Protocol):
    """What is trained."""

    def update(self, step: int, rate: float) -> None:
        """Make an update."""

    def watched(self) -> float:
        """Return the loss on the watched part."""

    def judged(self) -> dict[str, float]:
        """Return the score, and what else is to be known of the judged part."""

    def save(self, folder: Path) -> None:
        """Write the state."""

    def load(self, folder: Path) -> None:
        """Read the state."""


def perform(
    learner: Learner, schedule: Schedule | OnPlateau, resume: Path | None, report: Report
) -> float:
    """Train to the end of a schedule, print what is known of the judged part, return the score."""
    state = schedule.init() if isinstance(schedule, OnPlateau) else None
    begin, steps = 0, int(schedule.steps)
    if resume:
        learner.load(resume)
        known = torch.load(resume / "progress.pt")
        begin = known["step"]
        state = state and PlateauState.from_data(known["plateau"])

    def save(folder: Path) -> None:
        plateau = state and state.to_data()
        torch.save({"step": step + 1, "plateau": plateau}, folder / "progress.pt")
        learner.save(folder)

    for step in range(begin, steps):
        loss = None
        if isinstance(schedule, OnPlateau):
            assert state
            learner.update(step, schedule(step, state))
            if (step + 1) % max(1, steps // WATCHED) == 0:
                loss = learner.watched()
                state = schedule.update(state, loss, step + 1)
        else:
            learner.update(step, schedule(step))
        report(step + 1, loss, save=save)
    scores = learner.judged()
    score = next(iter(scores.values()))
    if math.isfinite(score):
        print(scores)
    return score


class Network(Learner):
    """A network that learns from batches; what it is and how it is judged is another's matter."""

    model: nn.Module
    optimizer: torch.optim.Optimizer

    def loss_at(self, step: int) -> torch.Tensor:
        """Return the loss on an update's batch."""
        raise NotImplementedError

    def update(self, step: int, rate: float) -> None:
        for group in self.optimizer.param_groups:
            group["lr"] = rate
        self.optimizer.zero_grad()
        self.loss_at(step).backward()
        self.clip()
        self.optimizer.step()

    def clip(self) -> None:
        """Shorten the gradient, where that is done."""

    def save(self, folder: Path) -> None:
        parts = {"model": self.model, "optimizer": self.optimizer}
        torch.save({name: part.state_dict() for name, part in parts.items()}, folder / "state.pt")

    def load(self, folder: Path) -> None:
        found: dict[str, Any] = torch.load(folder / "state.pt")
        self.model.load_state_dict(found["model"])
        self.optimizer.load_state_dict(found["optimizer"])


class Epochs:
    """Which examples an update sees: all in a new order, epoch after epoch."""

    def __init__(self, seed: int, examples: int, batch: int) -> None:
        self.seed, self.examples, self.batch = seed, examples, batch
        self.epoch, self.order = -1, torch.empty(0)

    def at(self, step: int) -> torch.Tensor:
        """Return the indices of an update's examples; what an epoch has too few of is left out."""
        epoch, place = divmod(step, self.examples // self.batch)
        if epoch != self.epoch:
            order = np.random.RandomState([self.seed, epoch]).permutation(self.examples)
            self.epoch, self.order = epoch, torch.from_numpy(order)
        return self.order[place * self.batch : (place + 1) * self.batch]
