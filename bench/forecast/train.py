"""A small character transformer that sees every piece of a text once."""

import copy
from functools import cache
from typing import Any

import numpy as np
import torch
from torch import nn

import glissando as gl
from bench.forecast import text
from bench.forecast.plan import Run
from bench.transformer import Transformer

CONTEXT, BATCH, LAYERS, HEADS = 64, 16, 2, 4
HELD_OUT = 1536

State = dict[str, Any]
"""What a training goes on from: its weights, its optimizer, its step and the losses so far."""


@cache
def pieces(name: str) -> tuple[torch.Tensor, int]:
    """Return a text in shuffled pieces of a context and one letter, and how many letters it has."""
    written = np.frombuffer(text.load(name).encode("ascii"), "uint8")
    letters, codes = np.unique(written, return_inverse=True)
    count = len(codes) // (CONTEXT + 1)
    rows = codes[: count * (CONTEXT + 1)].reshape(count, -1).astype("uint8")
    return torch.from_numpy(rows[np.random.RandomState(0).permutation(count)]), len(letters)


class Training:
    """A training that stops at any step, and goes on from there as if it had not stopped."""

    def __init__(self, run: Run, state: State | None = None) -> None:
        chunks, letters = pieces(run.text)
        self.held_out, rest = chunks[:HELD_OUT], chunks[HELD_OUT:]
        self.chunks = rest[torch.from_numpy(np.random.RandomState(run.seed).permutation(len(rest)))]
        torch.manual_seed(run.seed)
        self.model = Transformer(letters, run.width, LAYERS, HEADS, CONTEXT)
        self.optimizer = torch.optim.AdamW(
            self.model.parameters(), betas=(0.9, 0.95), weight_decay=0.1, fused=True
        )
        self.state: State = state or {"step": 0, "losses": {}}
        if state:
            self.model.load_state_dict(state["model"])
            self.optimizer.load_state_dict(state["optimizer"])

    def batch(self, step: int) -> torch.Tensor:
        """Return the pieces of an update, none of which is another's."""
        if (step + 1) * BATCH > len(self.chunks):
            raise ValueError(f"The text is over after {step} updates")
        return self.chunks[step * BATCH : (step + 1) * BATCH]

    def run(self, schedule: gl.Schedule, until: int, every: int) -> State:
        """Train until a step, take the validation loss at every so many, and return it all."""
        scheduler = gl.torch.Scheduler(self.optimizer, schedule, on_mismatch="replace")
        if "scheduler" in self.state:
            scheduler.load_state_dict(self.state["scheduler"])
        losses = dict(self.state["losses"])
        for step in range(self.state["step"], until):
            self.optimizer.zero_grad()
            self.model.loss_within(self.batch(step)).backward()
            nn.utils.clip_grad_norm_(self.model.parameters(), 1.0)
            self.optimizer.step()
            scheduler.step()
            if (step + 1) % every == 0:
                losses[step + 1] = self.validation()
        parts = {"model": self.model, "optimizer": self.optimizer, "scheduler": scheduler}
        states = {name: copy.deepcopy(part.state_dict()) for name, part in parts.items()}
        self.state = {**states, "step": until, "losses": losses}
        return self.state

    def validation(self) -> float:
        """Return the mean loss of what is held out."""
        return self.model.validation(self.held_out)
