"""What the demo trains, as plain values: nothing runs here."""

import hashlib
import json
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Any

from glissando.demo.data import DATA
from glissando.families import Constant, Cosine, Linear
from glissando.recipes import keras_tip
from glissando.schedule import Schedule

TRIED_RATES = (3e-4, 1e-3, 3e-3, 1e-2, 3e-2)
"""The constant rates that the tuned constant is chosen from."""

CONSTANT, TUNED = "Constant", "Tuned constant"
TIP = {
    CONSTANT: keras_tip.constant(),
    "Time-based decay": keras_tip.time_based_decay(),
    "Exponential decay": keras_tip.exponential_decay(),
    "Constant then exponential": keras_tip.constant_then_exponential(),
    "One cycle": keras_tip.one_cycle(),
}
"""The five schedules of the tip, by name."""
NAMES = (*TIP, TUNED, "Warm-up then cosine")


@dataclass(frozen=True)
class Setup:
    """What all runs of a demo share."""

    data: str = "digits"
    epochs: int = 20
    seeds: int = 3
    backend: str = "jax"
    versions: str = ""


@dataclass(frozen=True)
class Run:
    """One training of the network; two equal runs have one result.

    Args:
        schedule: the rate of each epoch.
        seed: draws the first weights and the order of the images.
        part: which images the accuracy is taken on: "tune" or "report".
        setup: what all runs share.
    """

    schedule: Schedule
    seed: int
    part: str
    setup: Setup

    def to_data(self) -> dict[str, Any]:
        """Return everything that determines the result, as plain values."""
        return {
            "schedule": self.schedule.to_data(),
            "seed": self.seed,
            "part": self.part,
            "data": self.setup.data,
            "batch": DATA[self.setup.data].batch,
            "epochs": self.setup.epochs,
            "backend": self.setup.backend,
            "versions": self.setup.versions,
            "code": _code(),
        }

    @cached_property
    def key(self) -> str:
        """A short name for the run, the same wherever the run is the same."""
        text = json.dumps(self.to_data(), sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()[:16]


@cache
def _code() -> str:
    """Return a digest of the code that trains: a result of other code is another result."""
    here = Path(__file__).parent
    keras = (here.parent / "adapters" / "keras").glob("*.py")
    files = (here / "train.py", here / "data.py", *sorted(keras))
    return hashlib.sha256(b"".join(file.read_bytes() for file in files)).hexdigest()[:16]


def warmup_cosine(peak: float, epochs: int) -> Schedule:
    """Return a warm-up of about a seventh of the epochs, then a cosine to a hundredth."""
    warmup = max(1, round(0.15 * epochs))
    return Linear(peak / (warmup + 1), peak, steps=warmup) >> Cosine(
        peak, peak / 100, steps=epochs - warmup
    )


def tuning_runs(setup: Setup) -> dict[float, list[Run]]:
    """Return the runs that choose the constant rate: own seeds, own images."""
    return {
        rate: [Run(Constant(rate), 1000 + seed, "tune", setup) for seed in range(setup.seeds)]
        for rate in TRIED_RATES
    }


def schedules(setup: Setup, tuned: float | None) -> dict[str, Schedule]:
    """Return the schedules to report, by name; all seven once the tuned rate is known."""
    if tuned is None:
        return TIP
    tuned_ones = (Constant(tuned), warmup_cosine(tuned, setup.epochs))
    return TIP | dict(zip(NAMES[len(TIP) :], tuned_ones, strict=True))


def reported_runs(setup: Setup, tuned: float | None) -> dict[str, list[Run]]:
    """Return the runs behind each line of the report."""
    return {
        name: [Run(schedule, seed, "report", setup) for seed in range(setup.seeds)]
        for name, schedule in schedules(setup, tuned).items()
    }
