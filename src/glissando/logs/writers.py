"""Who writes logs how: which step a rate belongs to."""

from collections.abc import Collection
from typing import NamedTuple


class Writer(NamedTuple):
    """What must be known of a log beside its columns.

    A row with step s holds the rate of step s - `lag`, steps counted as the log counts them.
    """

    lag: int = 0
    step: str | None = None
    """The column of the steps, where the usual names mislead."""
    last_batch: bool = False
    """Whether a row of an epoch holds the rate of its last update, and not that of all."""


def writer_of(format: str, names: Collection[str], facts: Collection[str]) -> Writer:  # noqa: A002
    """Return what is known of the writer of a log.

    Args:
        format: the format.
        names: the names of the columns.
        facts: the names of what the log says of the run as a whole.
    """
    if format == "trainer_state":  # since 4.51 the rate that was used; 4.50 brought the other key
        return Writer(lag=int("best_global_step" in facts))
    step = "step" if format == "tensorboard" else None  # whatever tags there are
    if {"train/learning_rate", "train/epoch"} <= {*names}:  # Transformers, by TensorBoard or W&B
        return Writer(lag=1, step=step)
    if any(name.startswith("loss_metrics/") for name in names):  # torchtitan
        return Writer(lag=1, step=step)
    if "current_steps" in names:  # LLaMA-Factory, by Transformers, with another key before that
        return Writer(lag=int("learning_rate" not in names))
    if {"data_time", "iter", "step"} <= {*names}:  # MMEngine: `step` may count epochs
        return Writer(lag=1, step="iter")
    if "lr/pg0" in names:  # Ultralytics
        return Writer(lag=1, step=step, last_batch=True)
    return Writer(step=step)
