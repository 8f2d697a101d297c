"""A character transformer with AdamW, which sees each piece of a text once."""

from pathlib import Path

import torch
from torch import nn

from bench.evidence import data
from bench.evidence.training import Epochs, Network, Report, perform
from bench.transformer import Transformer
from glissando import OnPlateau, Schedule

CONTEXT, BATCH, LAYERS, HEADS, WIDTH = 32, 16, 2, 2, 32
WATCHED, JUDGED = 128, 2048


class Letters(Network):
    def __init__(self, seed: int) -> None:
        self.parts, letters = data.letters(CONTEXT, WATCHED, JUDGED)
        self.batches = Epochs(seed, len(self.parts.learned[0]), BATCH)
        torch.manual_seed(seed)
        self.model = Transformer(letters, WIDTH, LAYERS, HEADS, CONTEXT)
        options = {"betas": (0.9, 0.95), "weight_decay": 0.1, "fused": True}
        self.optimizer = torch.optim.AdamW(self.model.parameters(), **options)

    def loss_at(self, step: int) -> torch.Tensor:
        x, y = self.parts.learned
        at = self.batches.at(step)
        if self.batches.epoch > 0:
            raise ValueError(f"The text is over after {step} updates")
        return self.model.loss(x[at], y[at])

    def clip(self) -> None:
        nn.utils.clip_grad_norm_(self.model.parameters(), 1.0)

    @torch.inference_mode()
    def mean(self, x: torch.Tensor, y: torch.Tensor) -> float:
        batches = list(zip(x.split(64), y.split(64), strict=True))
        return sum(self.model.loss(*batch).item() for batch in batches) / len(batches)

    def watched(self) -> float:
        return self.mean(*self.parts.watched)

    def judged(self) -> dict[str, float]:
        return {"loss": self.mean(*self.parts.judged)}


def train(schedule: Schedule | OnPlateau, seed: int, resume: Path | None, report: Report) -> float:
    """Return the loss of a next letter in nats, on pieces that were not seen."""
    return perform(Letters(seed), schedule, resume, report)
