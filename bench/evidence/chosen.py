"""What a study chooses for a task by itself: it is given a usual peak, and no more."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from bench.evidence.plan import OutcomeOf
from bench.evidence.settings import Task
from glissando.studies.report.results import results_of
from glissando.studies.rungs.decide import decide
from glissando.studies.runs.run import Outcome, Run
from glissando.studies.runs.store import Log
from glissando.studies.settings import Settings, candidates_of


@dataclass(frozen=True)
class Choice:
    """The answer of a study.

    Args:
        task: the name of the task.
        steps: how many updates a full run of the study makes.
        schedule: the name of the schedule that it chose.
        peak: the peak that it chose.
        runs: how many runs it took.
        updates: how many updates these made.
    """

    task: str
    steps: int
    schedule: str
    peak: float | None
    runs: int
    updates: int

    def runs_of(self, seeds: range) -> list[Run]:
        """Return runs of what was chosen."""
        candidate = asked(self.steps, (1.0,)).candidate(self.schedule)
        return [Run.of(candidate, self.peak, self.steps, seed) for seed in seeds]


def asked(steps: int, peaks: tuple[float, ...]) -> Settings:
    """Return what a study is asked by default."""
    return Settings(candidates_of(None, (), steps), steps, peaks)


def choose(task: Task, outcome_of: OutcomeOf) -> Choice | list[Run]:
    """Return what a study of half of the steps chooses, or the runs that are missing."""
    steps = task.steps // 2
    settings = asked(steps, task.usual)
    made: dict[str, tuple[Run, Outcome]] = {}

    def noted(run: Run) -> Outcome | None:
        outcome = outcome_of(run)
        if outcome is not None:
            made[run.key] = run, outcome
        return outcome

    decision = decide(settings, noted)
    if decision.stage is not None:
        return [run for run in decision.stage.runs if outcome_of(run) is None]
    found = results_of(settings, made.values(), decision, logged=lambda run: Log([], [], []))
    assert found.winner is not None
    updates = sum(run.steps for run, _ in made.values())
    return Choice(task.name, steps, found.winner.name, found.winner.peak, len(made), updates)


class Choices:
    """The choices that were made, a line each in a file."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "choices.jsonl"
        lines = self.path.read_text().splitlines() if self.path.exists() else []
        choices = [Choice(**json.loads(line)) for line in lines]
        self.made = {choice.task: choice for choice in choices}

    def add(self, choice: Choice) -> None:
        """Keep a choice."""
        if choice.task not in self.made:
            self.made[choice.task] = choice
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with self.path.open("a") as file:
                file.write(json.dumps(asdict(choice)) + "\n")
