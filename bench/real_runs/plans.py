"""Schedules by their numbers: as they are meant, and as users set them up in PyTorch."""

import math
import random
from typing import Any, NamedTuple

import glissando as gl
from glissando.schedule import Schedule

PEAKS = (1e-4, 3e-4, 1e-3, 2e-5, 0.1, 5e-5, 6e-4)

RESTARTABLE = ("linear", "cosine", "wsd", "polynomial", "exponential", "inverse")
"""The kinds whose rate is a function of the update alone, whatever rate the optimizer has."""


class Plan(NamedTuple):
    """A schedule: a line up from `start` over `warm` updates, then a decay to `floor` at `end`.

    Of "step" the rate drops to a tenth at each of `drops`; of "wsd" it falls from `stable` on, in
    the shape of `fall`. The warm-up counts its steps from `rise`.
    """

    kind: str
    peak: float
    warm: int
    end: int
    start: float = 0.0
    floor: float = 0.0
    stable: int = 0
    drops: tuple[int, ...] = ()
    fall: str = "linear"
    rise: int = 0

    def times(self, n: int) -> "Plan":
        """Return the plan over n times as many steps."""
        drops = tuple(drop * n for drop in self.drops)
        return self._replace(
            warm=self.warm * n, end=self.end * n, stable=self.stable * n, drops=drops
        )

    def schedule(self) -> Schedule:
        """Return what is meant."""
        rest = self._decay()
        return gl.Linear(self.start, self.peak, self.warm) >> rest if self.warm else rest

    def _decay(self) -> Schedule:
        left = self.end - self.warm
        if self.kind == "step":
            rates = [self.peak * 0.1**i for i in range(len(self.drops) + 1)]
            return gl.Piecewise(rates, [drop - self.warm for drop in self.drops])
        if self.kind == "wsd":
            falls = gl.Linear(self.peak, self.floor, self.end - self.stable)
            return gl.Constant(self.peak, self.stable - self.warm) >> falls
        if self.kind == "polynomial":
            return gl.Polynomial(self.peak, self.floor, left, power=2)
        if self.kind == "exponential":
            return gl.Exponential(self.peak, -math.log(self.gamma))
        if self.kind == "inverse":
            return gl.InverseSqrt(self.peak, self.along)
        family = gl.Linear if self.kind == "linear" else gl.Cosine
        return family(self.peak, self.floor, left)

    @property
    def gamma(self) -> float:
        """By what an exponential decay is multiplied each step: it comes to a hundredth."""
        return float(0.01 ** (1 / (self.end - self.warm)))

    @property
    def along(self) -> float:
        """The timescale of a decay by the inverse root."""
        return self.warm or self.end / 5

    def rate(self, k: float) -> float:
        """Return the rate of step k, as a user's own function has it."""
        if k + self.rise < self.warm:
            return self.start + (self.peak - self.start) * (k + self.rise) / self.warm
        if self.kind == "exponential":
            return self.peak * self.gamma ** (k - self.warm)
        if self.kind == "inverse":
            return self.peak * math.sqrt(self.along / (self.along + k - self.warm))
        if self.kind == "step":
            return float(self.peak * 0.1 ** sum(k >= drop for drop in self.drops))
        begin = self.stable if self.kind == "wsd" else self.warm
        x = min(max((k - begin) / (self.end - begin), 0.0), 1.0)
        if self.kind == "annealing":  # the formula of most users: it is bounded by nothing
            x = (k - self.warm) / (self.end - self.warm)
        shape = {"annealing": "cosine", "wsd": self.fall}.get(self.kind, self.kind)
        if shape == "cosine":
            left = (1 + math.cos(math.pi * x)) / 2
        elif shape == "1 - sqrt":
            left = 1 - math.sqrt(x)
        else:
            left = (1 - x) ** 2 if shape == "polynomial" else 1 - x
        return self.floor + (self.peak - self.floor) * left

    def scheduler(self, optimizer: Any) -> Any:
        """Return PyTorch's or Transformers' scheduler, as users make it."""
        import torch.optim.lr_scheduler as schedulers
        from transformers import optimization

        if self.kind == "annealing" or self.kind == "step":
            rest: Any = (
                schedulers.MultiStepLR(optimizer, list(self.drops), gamma=0.1)
                if self.kind == "step"
                else schedulers.CosineAnnealingLR(optimizer, self.end - self.warm, self.floor)
            )
            if not self.warm:
                return rest
            first = self.start / self.peak
            warm = schedulers.LinearLR(optimizer, first, total_iters=self.warm)
            if self.kind == "step":
                return schedulers.ChainedScheduler([warm, rest])
            return schedulers.SequentialLR(optimizer, [warm, rest], [self.warm])
        if self.floor or self.start or self.rise or self.kind in ("wsd", "exponential", "inverse"):
            return schedulers.LambdaLR(optimizer, lambda k: self.rate(k) / self.peak)
        if self.kind == "polynomial":
            return optimization.get_polynomial_decay_schedule_with_warmup(
                optimizer, self.warm, self.end, lr_end=self.floor, power=2
            )
        name = f"get_{self.kind}_schedule_with_warmup"
        return getattr(optimization, name)(optimizer, self.warm, self.end)


def plan(r: random.Random, *kinds: str, warm: bool | None = None, floor: bool = False) -> Plan:
    """Return a random plan of one of some kinds."""
    kind = r.choice(kinds or (*RESTARTABLE, "annealing", "step"))
    end, peak = r.choice([r.randint(200, 700), r.randint(200, 2_000)]), r.choice(PEAKS)
    wanted = r.random() < 0.7 if warm is None else warm
    warmup = r.choice([end // 20, end // 10, 10, 37]) if wanted else 0
    low = peak * r.choice([0.1, 0.05, 0.01]) if floor or r.random() < 0.3 else 0.0
    made = Plan(kind, peak, warmup, end, floor=low)
    if kind == "wsd":
        made = made._replace(stable=warmup + int((end - warmup) * r.choice([0.5, 0.7, 0.8])))
    if kind == "step":
        gap = (end - warmup) // 4
        made = made._replace(drops=tuple(warmup + gap * i for i in (1, 2, 3)), floor=0.0)
    if kind in ("exponential", "inverse"):
        made = made._replace(floor=0.0)
    if kind in ("annealing", "step") and warmup:
        made = made._replace(start=peak * r.choice([0.1, 0.01, 0.001]))
    return made
