"""What is done where nothing was measured, and where it is from."""

from typing import Any, NamedTuple

from glissando.errors import ScheduleError, shown, suggestion

WARMUP = 0.05
"""How long a warm-up is, of the whole run."""

LONGEST_WARMUP = 2000
"""How long it is at most: 2 / (1 - β2) updates, for the β2 of 0.999 that is Adam's default."""

BEGIN = 0.01
"""What fraction of the peak a warm-up begins at: at 0 the first update would change nothing."""


class Optimizer(NamedTuple):
    """What is known of an optimizer's rates.

    Attributes:
        rate: a usual peak for training from the start.
        source: where that is from.
        fine: a usual peak for fine-tuning.
        fine_source: where that is from.
        of_limit: the peak as a fraction of the largest stable rate; None where the rate is only a
            factor of what the optimizer finds itself.
        limit_source: where that is from.
        warmup_source: where the length of a warm-up is from.
        averages: whether it averages the weights instead of letting the rate decay.
        batch: the batch that the usual peak is meant for, and in proportion to which it goes.
        spread: how far best peaks lay apart, in a sentence.
    """

    rate: float
    source: str
    fine: float
    fine_source: str = "a thirtieth of the usual peak, as for AdamW; this was not measured"
    of_limit: float | None = 1 / 3
    limit_source: str = "carried over from AdamW; this was not measured"
    warmup_source: str = (
        "2 / (1 - β2) updates, 2,000 where β2 is 0.999, are enough for Adam (arXiv:1910.04209)"
    )
    averages: bool = False
    batch: int | None = None
    spread: str = "How far best peaks lie apart for this optimizer was not measured."


_ADAM = Optimizer(
    1e-3,
    "the default of Adam's paper (arXiv:1412.6980), and of 1e-4 to 3e-3 the best for AdamW at 124 "
    "million parameters with a 20 % cooldown (runs of arXiv:2405.18392)",
    3e-5,
    "BERT was fine-tuned at 2e-5, 3e-5 and 5e-5 (arXiv:1810.04805)",
    1 / 3,
    "for AdamW at 124 million parameters 1e-3 to 2e-3 was best, by the length of the decay; 3e-3 "
    "still trained, and 5e-3 did not (runs of arXiv:2501.18965)",
    spread="Peaks in use go from 6e-5, of GPT-3 with 175 billion parameters (arXiv:2005.14165), to "
    "4e-3, the best for a transformer of 0.1 million on characters: the larger, the lower.",
)
_SGD = Optimizer(
    0.1,
    "ResNets at a batch of 256, with a momentum of 0.9 (arXiv:1512.03385); in proportion to the "
    "batch (arXiv:1706.02677)",
    3e-3,
    "BiT's rule, at a batch of 512 (arXiv:1912.11370)",
    1 / 2,
    "half the limit is where a quadratic falls fastest along its steepest direction; on networks "
    "this was not measured",
    warmup_source="large batches had 5 of 90 epochs, small ones need none (arXiv:1706.02677)",
    batch=256,
    spread="Without momentum the best peak is some ten times as high.",
)

OPTIMIZERS = {
    "adamw": _ADAM,
    "adam": _ADAM,
    "nadam": _ADAM,
    "radam": _ADAM,
    "sgd": _SGD,
    "rmsprop": Optimizer(1e-3, "its default in Keras; this was not measured", 3e-5),
    "adagrad": Optimizer(1e-2, "its default in PyTorch; this was not measured", 3e-4),
    "adafactor": Optimizer(1e-2, "T5 (arXiv:1910.10683)", 1e-3, "T5 (arXiv:1910.10683)"),
    "lion": Optimizer(2e-4, "3 to 10 times below AdamW's (arXiv:2302.06675)", 6e-6),
    "muon": Optimizer(2e-2, "the record runs of modded-nanogpt", 6e-4),
    "prodigy": Optimizer(
        1.0,
        "it finds the scale itself, and the rate is only a factor (arXiv:2306.06101)",
        1.0,
        "it finds the scale itself, and the rate is only a factor (arXiv:2306.06101)",
        None,
        spread="With a warm-up it takes the scale for too large: give it safeguard_warmup=True.",
    ),
    "adamwschedulefree": Optimizer(
        2.5e-3,
        "its default; 1 to 10 times AdamW's (arXiv:2405.15682)",
        1e-4,
        averages=True,
    ),
    "sgdschedulefree": Optimizer(
        1.0, "its default; 10 to 50 times that of SGD (arXiv:2405.15682)", 3e-2, averages=True
    ),
}
"""What is known, by the names of classes in lower case."""


def optimizer_named(optimizer: Any, where: str) -> tuple[str, Optimizer]:
    """Return an optimizer's name and what is known of it.

    Args:
        optimizer: the name, or the optimizer itself, or its class.
        where: what a message is about.

    Raises:
        ScheduleError: nothing is known of it.
    """
    name = optimizer
    if not isinstance(optimizer, str):
        name = (optimizer if isinstance(optimizer, type) else type(optimizer)).__name__
    found = OPTIMIZERS.get(name.lower().replace("-", "").replace("_", ""))
    if found is None:
        near = suggestion(name, OPTIMIZERS) or f"; known are {', '.join(OPTIMIZERS)}"
        raise ScheduleError(
            f"{where} must be a known optimizer, got {shown(optimizer)}{near}; of another leave it "
            "out and give `peak`"
        )
    return name, found


def warmup_for(steps: int) -> int:
    """Return how long to warm up a run: 5 % of it, at most 2,000 steps, at least 1."""
    return min(max(1, round(WARMUP * steps)), LONGEST_WARMUP)


def plain(rate: float) -> float:
    """Return a rate without the digits that rounding errors leave."""
    return float(f"{rate:.6g}")
