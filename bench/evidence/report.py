"""What came out, in Markdown: the answer for all tasks, then each task's table."""

import math
from collections.abc import Iterable, Sequence
from itertools import chain

from bench.evidence.chosen import Choices
from bench.evidence.results import CONSTANTS, Entry, Results
from glissando.studies.report.statistics import Difference


def report(tasks: Sequence[Results], made: Choices) -> dict[str, str]:
    """Return the parts of the documentation's page by their names."""
    return {
        "summary": summary(tasks),
        "halves": halves(tasks),
        "choices": choices(tasks, made),
        "tasks": joined(map(of_task, tasks)),
    }


def summary(tasks: Sequence[Results]) -> str:
    """Return how much worse than the best each schedule is, on each task."""
    names = list(tasks[0].task.candidates)
    behind = {name: [_behind(results, name) for results in tasks] for name in names}
    order = sorted(names, key=lambda name: sum(min(part, 100) for part in behind[name]))
    rows = [[name, *(_percent(part) for part in behind[name])] for name in order]
    return table(["schedule", *(results.task.name for results in tasks)], rows)


def _behind(results: Results, name: str) -> float:
    """Return how much higher than the best a score is at the longest budget, in percent."""
    best = results.ranked[0].mean
    return 100 * (results.entries[name, results.task.steps].mean / best - 1)


def _percent(part: float) -> str:
    if not math.isfinite(part):
        return "diverged"
    return "**best**" if part == 0 else f"{part:.1f}" if part < 100 else f"{part:.0f}"


def halves(tasks: Sequence[Results]) -> str:
    """Return which schedules are in half of the steps as good as the best constant in all."""
    rows = []
    for results in tasks:
        others = [e for e in results.at(results.task.steps // 2) if e.name not in CONSTANTS]
        found = [entry.better_than(results.constant) for entry in others]
        better, ties = sum(each.sure for each in found), sum(each.tied for each in found)
        rows.append(
            [
                results.task.name,
                f"{results.constant.name}, {results.constant.peak:g}",
                f"{others[0].name}, {others[0].peak:g}",
                by(found[0], results.task.digits),
                better,
                ties,
                len(found) - better - ties,
            ]
        )
    head = ["task", "best constant in all steps", "best in half", "better by"]
    return table([*head, "better", "ties", "worse"], rows)


def choices(tasks: Sequence[Results], made: Choices) -> str:
    """Return what studies of half of the steps chose, and how good that is."""
    rows = []
    for results in tasks:
        task, choice = results.task, made.made[results.task.name]
        entry, others = results.chosen(choice), results.at(choice.steps)
        place = 1 + sum(other.mean < entry.mean for other in others)
        rows.append(
            [
                f"{task.name}, {choice.steps:,} steps",
                f"{choice.schedule}, {choice.peak:g}",
                f"{choice.updates / task.steps:.0f}",
                by(entry.better_than(results.constant), task.digits),
                by(entry.better_than(others[0]), task.digits),
                f"{place} of {len(others) + 1}",
            ]
        )
    head = ["study", "chosen", "cost", "better than the best constant in all steps by"]
    return table([*head, "than the best of all in half of the steps by", "place"], rows)


def of_task(results: Results) -> str:
    """Return a task's table: each schedule at its best peak, at three budgets."""
    task, constant = results.task, results.constant
    head = [
        "schedule",
        "peak",
        *(f"{task.score}, {steps:,} steps" for steps in task.lengths),
        *(["error %"] if task.has_error else []),
        "better than the best constant by",
        "as good at",
    ]
    rows = [
        [
            f"**{entry.name}**" if entry is constant else entry.name,
            "" if entry.peak is None else f"{entry.peak:g}",
            *(_score(results.entries[entry.name, n], task.digits) for n in task.lengths),
            *([f"{100 * results.error(entry):.2f}"] if task.has_error else []),
            "" if entry is constant else by(entry.better_than(constant), task.digits),
            _part(results.reaches(entry.name)),
        ]
        for entry in results.ranked
    ]
    run, pair = results.noise
    return joined(
        [
            f"### {task.title[0].upper()}{task.title[1:]}",
            f"With {len(task.fresh)} seeds; the standard deviation of a run is "
            f"{run:.{task.digits}f}, that of a difference between two runs of one seed "
            f"{pair:.{task.digits}f}.",
            table(head, rows),
        ]
    )


def _score(entry: Entry, digits: int) -> str:
    if not math.isfinite(entry.mean):
        return "diverged"
    return f"{entry.mean:.{digits}f} ± {entry.spread:.{digits}f}"


def _part(part: float | None) -> str:
    if part is None:
        return "never"
    return "25 % or less" if part == 0.25 else f"{100 * part:.0f} %"


def by(found: Difference, digits: int) -> str:
    """Return a difference with its interval, and whether it may be none."""
    if found.by is None or found.low is None or found.high is None:
        return "diverged"
    low, high = f"{found.low:+.{digits}f}", f"{found.high:+.{digits}f}"
    return f"{found.by:+.{digits}f} ({low} to {high}){', a tie' if found.tied else ''}"


def table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Return a table in Markdown."""
    lines = chain([head, ["-"] * len(head)], rows)
    return "\n".join(f"| {' | '.join(map(str, line))} |" for line in lines)


def joined(parts: Iterable[str]) -> str:
    """Return paragraphs as one text."""
    return "\n\n".join(parts)
