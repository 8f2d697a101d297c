"""The task: a small character transformer that sees every piece of a text once."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from torch.nn.utils import clip_grad_norm_

import glissando as gl
from bench.forecast import text
from bench.forecast.train import CONTEXT, HEADS
from bench.transformer import Transformer

HELD_OUT = 1536

Losses = dict[int, float]
"""Losses of what is held out, by how many updates were made."""


@dataclass(frozen=True)
class Task:
    """What is trained: the text is "bible", "shakespeare", or the path of a file."""

    text: str = "bible"
    width: int = 32
    layers: int = 1
    steps: int = 900
    batch: int = 16

    @property
    def name(self) -> str:
        sizes = f"{self.width}x{self.layers}-{self.steps}x{self.batch}"
        return f"{Path(self.text).stem}-{sizes}"

    @property
    def checks(self) -> tuple[int, ...]:
        """When a full run's loss is taken: at a ninth, at a third, at two thirds, at the end."""
        return tuple(self.steps * ninths // 9 for ninths in (1, 3, 6, 9))


@cache
def pieces(name: str) -> tuple[torch.Tensor, int]:
    """Return a text in shuffled pieces of a context and one letter, and how many letters it has."""
    written = text.load(name) if name in text.TEXTS else Path(name).read_text("utf-8")
    letters, codes = np.unique(np.frombuffer(written.encode("utf-32-le"), "uint32"), False, True)
    count = len(codes) // (CONTEXT + 1)
    rows = codes[: count * (CONTEXT + 1)].reshape(count, -1).astype("int32")
    return torch.from_numpy(rows[np.random.RandomState(0).permutation(count)]), len(letters)


class Training:
    """A training at its begin: its weights and the order of its data are drawn from a seed."""

    def __init__(self, task: Task, seed: int) -> None:
        chunks, letters = pieces(task.text)
        self.task, self.held_out, rest = task, chunks[:HELD_OUT], chunks[HELD_OUT:]
        if len(rest) < task.steps * task.batch:
            raise ValueError(f"{task.text} is over after {len(rest) // task.batch} updates")
        order = np.random.RandomState(seed).permutation(len(rest))[: task.steps * task.batch]
        self.batches = rest[torch.from_numpy(order)].split(task.batch)
        torch.manual_seed(seed)
        self.model = Transformer(letters, task.width, task.layers, HEADS, CONTEXT)
        self.optimizer = torch.optim.AdamW(
            self.model.parameters(), betas=(0.9, 0.95), weight_decay=0.1, fused=True
        )

    def follow(self, schedule: gl.Schedule) -> Iterator[int]:
        """Make an update after the other, and say how many were made."""
        scheduler = gl.torch.Scheduler(self.optimizer, schedule)
        for step, batch in enumerate(self.batches[: int(schedule.steps)]):
            self.optimizer.zero_grad()
            self.model.loss_within(batch).backward()
            self.clip()
            self.optimizer.step()
            scheduler.step()
            yield step + 1

    def clip(self) -> None:
        clip_grad_norm_(self.model.parameters(), 1.0)

    def validation(self) -> float:
        """Return the mean loss of what is held out."""
        return self.model.validation(self.held_out)


def train(task: Task, schedule: gl.Schedule, seed: int) -> Losses:
    """Return the losses of a run, in the end and, of a full one, on the way."""
    training = Training(task, seed)
    checks = {*task.checks, schedule.steps} if schedule.steps == task.steps else {schedule.steps}
    return {n: training.validation() for n in training.follow(schedule) if n in checks}


class Found(NamedTuple):
    """The rate of a range test, and how many updates that took."""

    rate: float
    updates: int


def found_rate(task: Task, seed: int) -> Found:
    """Return the rate of the range test."""
    training = Training(task, seed)
    updates = 0

    def clip() -> None:
        nonlocal updates
        updates += 1
        training.clip()

    found = gl.find_rate(
        gl.torch.Training(
            training.model,
            training.optimizer,
            training.model.loss_within,
            training.batches,
            before_update=clip,
        )
    )
    return Found(found.rate, updates)
