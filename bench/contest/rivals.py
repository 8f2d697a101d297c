"""Who chooses a schedule and its peak, each for its own price."""

import random
from typing import NamedTuple

from bench.contest.asha import stopped
from bench.contest.field import SEARCH, Field
from bench.contest.store import Store
from glissando.studies.report.done import Done
from glissando.studies.report.ranking import ranking_of
from glissando.studies.rungs.decide import Decision, Stage, decide
from glissando.studies.runs.run import Run
from glissando.studies.settings import Settings

PART = 0.3
"""Which part of the full grid's compute the study may spend."""

DIVERGED = 1e9


class Answer(NamedTuple):
    """What a method chose: a full run, for how many updates in all."""

    method: str
    run: Run
    updates: int


def full_grid(field: Field, store: Store) -> Answer:
    """Take the best of the full grid, one run each."""
    return Answer("full grid, one seed", min(field.runs(), key=store.loss), field.updates)


def shorter(field: Field, store: Store, part: int) -> Answer:
    """Take the best of complete schedules of a part of the length."""
    steps = field.task.steps // part
    best = min(field.runs(steps), key=store.loss)
    assert best.peak is not None
    run = field.run(best.candidate, best.peak)
    return Answer(f"complete schedules, 1/{part} as long", run, field.updates // part)


def linear_at_found_rate(field: Field, store: Store) -> Answer:
    """Take linear to zero at the rate of the range test."""
    found = store.found_rate(SEARCH)
    run = field.run("linear", found["rate"])
    return Answer("linear to zero at the finder's rate", run, found["updates"])


def asha(field: Field, store: Store) -> Answer:
    """Take the best of the runs that ASHA lets end."""
    runs = list(field.runs())
    curves = [
        {step: min(loss, DIVERGED) for step, loss in store.losses(run).items()} for run in runs
    ]
    order = random.Random(SEARCH).sample(range(len(runs)), len(runs))
    key = f"asha, {len(runs)} runs"
    row = store.once(key, lambda: {"steps": stopped(curves, order)})
    ended = [run for run, steps in zip(runs, row["steps"], strict=True) if steps == run.steps]
    best = min(ended, key=store.loss, default=runs[0])
    return Answer("ASHA (Ray Tune)", best, sum(row["steps"]))


class Study:
    """A study to its end.

    Args:
        field: what it chooses from.
        store: where its runs are kept; one that is there already counts all the same.
        part: which part of the full grid's compute it may spend.
        peaks: the peaks that it begins with; by default those of the field.
    """

    def __init__(
        self,
        field: Field,
        store: Store,
        part: float = PART,
        peaks: tuple[float, ...] | None = None,
    ) -> None:
        self.field, self.store = field, store
        self.settings = Settings(
            candidates=field.candidates,
            steps=field.task.steps,
            peaks=peaks or field.peaks,
            budget=part * field.updates / field.task.steps,
            baselines=(),
        )
        self.made: dict[str, Run] = {}
        self.stages: list[Stage] = []
        while (stage := self.decision.stage) is not None:
            self.stages.append(stage)
            self.made.update((run.key, run) for run in stage.runs)

    @property
    def decision(self) -> Decision:
        """What the study decides by the runs that it has made."""
        return decide(
            self.settings, lambda run: self.store.outcome(run) if run.key in self.made else None
        )

    @property
    def answer(self) -> Answer:
        """The winner."""
        outcomes = [(run, self.store.outcome(run)) for run in self.made.values()]
        best, *_ = ranking_of(Done(self.settings, outcomes, self.decision), self.decision)[0]
        assert best.peak is not None
        updates = sum(run.steps for run in self.made.values())
        return Answer("the study", self.field.run(best.name, best.peak), updates)
