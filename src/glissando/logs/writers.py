"""Who writes logs how: which step a rate belongs to."""

from collections.abc import Collection
from typing import NamedTuple

UNKNOWN = (0, 1, -1)
"""The lags to try where a log does not tell who wrote it."""


class Writer(NamedTuple):
    """What must be known of a log beside its columns.

    A row with step s holds the rate of step s - `lag`, steps counted as the log counts them.
    """

    name: str
    lags: tuple[int, ...] = UNKNOWN
    """The lags that are documented, the likeliest first."""
    step: str | None = None
    """The column of the steps, where the usual names mislead."""
    rate: str | None = None
    """The column of the rates, where groups differ and one is that of the weights."""
    clock: str = "update"
    """What steps count that are no epochs by their name."""
    last_batch: bool = False
    """Whether a row of an epoch holds the rate of its last update, and not that of all."""
    mean: bool = False
    """Whether a row of an epoch holds the mean of its updates' rates."""
    exact: str = ""
    """In which precision rates are written in full, "float64" or "float32", how many digits are
    written at least, such as "6", or to how many decimals, as ".5"; else the texts tell."""

    @property
    def lag(self) -> int:
        """The likeliest lag."""
        return self.lags[0]


CONSOLES = {
    "deepspeed": Writer("deepspeed", (0, 1), exact="float64"),
    "fairseq": Writer("fairseq", (0,), exact="6"),
    "llmc": Writer("llmc", (0,)),
    "llmc_screen": Writer("llmc_screen", (1,), exact="3"),
    "megatron": Writer("megatron", (0,)),
    "openmmlab": Writer("openmmlab", (1,), exact="4"),
    "torchtune": Writer("torchtune", (0,), exact="float64"),
}
"""What is known of each format of standard output."""


def writer_of(format: str, names: Collection[str], facts: Collection[str]) -> Writer:  # noqa: A002
    """Return what is known of the writer of a log.

    Args:
        format: the format.
        names: the names of the columns, in their order.
        facts: the names of what the log says of the run as a whole.
    """
    if format in CONSOLES:
        return CONSOLES[format]
    if format == "trainer_state":  # since 4.51 the rate that was used; 4.50 brought the other key
        lags = (1, 0) if "best_global_step" in facts else (0,)
        return Writer("trainer_state", lags, exact="float64")
    if format == "mmcv":
        return Writer("mmcv", (1,), "iter", exact=".5")
    step = "step" if format == "tensorboard" else None  # whatever tags there are
    known = {*names}
    # W&B and MLflow keep doubles, and Transformers passes them on as they are
    exact = "float64" if format in ("wandb", "mlflow", "sqlite") else ""
    if "train/learning_rate" in known and known & {
        "train/epoch",
        "train/global_step",
    }:  # Transformers, by TensorBoard or W&B
        return Writer("transformers", (1, 0), step, exact=exact)
    if any(name.startswith("loss_metrics/") for name in names):
        return Writer("torchtitan", (1,), step, exact=exact)
    if any(name.startswith(("optim/learning_rate_group", "optim/LR")) for name in names):
        return Writer("olmo", (1, 0), step, exact=exact)  # its first update is its curve's second
    if any(name.startswith("lr-") and "/group" in name for name in names):
        return Writer("composer", (0, 1), step, exact=exact)  # its updates are one late
    if known & {"learning-rate", "learning-rate/learning-rate"}:  # with others by samples, tokens
        return Writer("megatron", (0,), step)
    if "Train/Samples/lr" in known:
        return Writer("deepspeed", (0,), step, clock="sample")
    if {"learning_rate", "iter_time"} <= known:
        return Writer("litgpt", (0,), step, clock="batch")
    if {"iter", "lr", "mfu"} <= known:
        return Writer("nanogpt", (0,), "iter", exact=exact)
    return _by_rows(format, list(names), step) or Writer(format, step=step, exact=exact)


def _by_rows(format: str, names: list[str], step: str | None) -> Writer | None:  # noqa: A002
    """Return the writer of rows that are told by their columns alone."""
    known = {*names}
    if "current_steps" in known:  # LLaMA-Factory, by Transformers, with another key before that
        lags = (0, 1) if "learning_rate" in known else (1, 0)
        return Writer("llama_factory", lags, exact="float64")
    if {"data_time", "iter", "step"} <= known:  # `step` may count epochs
        return Writer("mmengine", (1,), "iter", exact="float64")
    if {"data_time", "lr"} <= known and known & {"iteration", "eta_seconds"}:
        return Writer("detectron2", (0,), exact="float64" if format == "jsonl" else "")
    if "lr/pg0" in known:
        rate = "lr/pg1" if "lr/pg1" in known else None  # of early releases, pg0 are the biases
        return Writer("ultralytics", (1,), step, rate, last_batch=True, exact="5")
    if any(name.startswith("epoch_") for name in names) and format == "tensorboard":
        return Writer("keras", (0, -1), step, clock="epoch")
    if format == "jsonl" and {"train_lr", "train_loss", "epoch"} <= known:
        return Writer("mae", (0,), mean=True, exact="float64")
    if format == "csv":
        return _of_csv(names, known)
    return None


def _of_csv(names: list[str], known: set[str]) -> Writer | None:
    if any(name.startswith("lr-") for name in names) and "step" in known:
        return Writer("lightning", (0,), exact="float64")
    if names[:1] == ["epoch"] and known & {"lr", "learning_rate"} and "loss" in known:
        if names[1:] == sorted(names[1:]):
            return Writer("keras", (0,), exact="float32")
        return None
    if names[:2] == ["epoch", "train_loss"] and known & {"eval_loss", "eval_top1"}:
        return Writer("timm", (0, -1))
    return None
