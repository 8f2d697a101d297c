"""Ray Tune's own ASHA, on the losses in mid-run."""

import contextlib
import os
import sys
import tempfile
from collections.abc import Sequence
from typing import Any

from bench.contest.task import Losses

AT_ONCE = 4
"""How many trials run at the same time."""

OFFLINE = {"RAY_AUTH_MODE": "disabled", "RAY_USAGE_STATS_ENABLED": "0"}


def report(config: dict[str, Any], curves: Sequence[Losses]) -> None:
    """Report the losses of a run one after the other, as the training that gave them did."""
    from ray import tune

    for step, loss in curves[config["run"]].items():
        tune.report({"step": step, "loss": loss})


def stopped(curves: Sequence[Losses], order: Sequence[int]) -> list[int]:
    """Return up to which step ASHA lets each run go, on a Ray of its own on this machine.

    Args:
        curves: the losses of full runs, by step, finite ones.
        order: in which order the runs begin.
    """
    os.environ.update(OFFLINE)
    import ray
    from ray import tune
    from ray.tune.schedulers import ASHAScheduler

    first, *_, last = curves[0]
    scheduler = ASHAScheduler(time_attr="step", max_t=last, grace_period=first, reduction_factor=3)
    ray.init(address="local", num_cpus=AT_ONCE, include_dashboard=False, log_to_driver=False)
    try:
        with tempfile.TemporaryDirectory() as folder, contextlib.redirect_stdout(sys.stderr):
            tuner = tune.Tuner(
                tune.with_parameters(report, curves=curves),
                param_space={"run": tune.grid_search(list(order))},
                tune_config=tune.TuneConfig(
                    metric="loss", mode="min", scheduler=scheduler, reuse_actors=True
                ),
                run_config=tune.RunConfig(storage_path=folder, verbose=0),
            )
            found = {result.config["run"]: result.metrics["step"] for result in tuner.fit()}
    finally:
        ray.shutdown()
    return [found[run] for run in range(len(curves))]
