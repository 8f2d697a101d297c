"""The table of who chose what, for how much, and how good that is."""

from collections.abc import Iterable

from bench.contest.rivals import Answer, Study
from bench.contest.truth import Truth
from glissando.studies.runs.run import Run


def choice(run: Run) -> str:
    return f"{run.candidate} {run.peak:g}"


def table(answers: Iterable[Answer], truth: Truth) -> str:
    """Return the table in Markdown."""
    field = truth.field
    text, width = field.task.text, field.task.width
    seeds, size = len(truth.seeds), len(field.peaks) * len(field.candidates)
    lines = [
        f"{text}, width {width}, layers {field.task.layers}, {field.task.steps:,} updates of "
        f"{field.task.batch} pieces: {len(field.candidates)} schedules at {len(field.peaks)} peaks "
        f"from {field.peaks[0]:g} to {field.peaks[-1]:g}. The best of the {size} is "
        f"{choice(truth.best)}, {truth.mean(truth.best):.4f} in the mean of {seeds} seeds; one run "
        f"differs from such a mean by {truth.floor:.4f} (a noise floor).",
        "",
        "| method | choice | loss | regret, nats | in noise floors | compute, % of the grid |",
        "|-|-|-|-|-|-|",
    ]
    for answer in answers:
        regret = truth.regret(answer.run)
        lines.append(
            f"| {answer.method} | {choice(answer.run)} | {truth.mean(answer.run):.4f} "
            f"| {regret.value:+.4f} ± {regret.error:.4f} | {regret.value / truth.floor:+.2f} "
            f"| {100 * answer.updates / field.updates:.1f} |"
        )
    return "\n".join(lines)


def top(truth: Truth) -> str:
    """Return the best of the grid in a line."""
    found = (f"{choice(run)} {truth.mean(run):.4f}" for run in truth.top)
    return "The best of the grid over fresh seeds: " + ", ".join(found) + "."


def course(study: Study) -> str:
    """Return what the study did, in lines."""
    full = study.settings.steps
    lines = [f"The study, within {study.settings.budget:g} full runs:"]
    for stage in study.stages:
        cost = sum(run.steps for run in stage.runs) / full
        lines.append(f"- {stage.title}: {len(stage.runs)} runs, {cost:.2f} full runs")
    lines += [f"- {pruned.words}" for pruned in study.decision.pruned]
    lines += [f"- {doubt}" for doubt in study.decision.doubts]
    return "\n".join(lines)
