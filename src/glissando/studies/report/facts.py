"""What a study was asked, of what, and where it ran."""

import platform
from collections.abc import Iterator
from contextlib import suppress
from html import escape
from importlib.metadata import PackageNotFoundError, version

from glissando.pages import cut
from glissando.studies.report.findings import Findings

LONGEST = 300

NAMES_ON_INDEX = {"sklearn": "scikit-learn"}


def facts(found: Findings) -> str:
    """Return the settings, the task and the machines as a list of HTML."""
    terms = (f"<dt>{escape(name)}<dd>{escape(cut(text, LONGEST))}" for name, text in _facts(found))
    return f"<dl>{''.join(terms)}</dl>"


def _facts(found: Findings) -> Iterator[tuple[str, str]]:
    settings = found.settings
    yield "candidates", f"{len(settings.candidates):,}"
    yield "lengths of runs", ", ".join(f"{steps:,}" for steps in settings.lengths) + " updates"
    beyond = ", and beyond" if settings.widen else ""
    yield "first peaks", ", ".join(f"{peak:g}" for peak in settings.peaks) + beyond
    literal = [each.name for each in settings.candidates if each.literal]
    if literal:
        yield "rates as written", ", ".join(literal)
    yield "fresh seeds in the end", str(settings.seeds)
    if settings.budget is not None:
        yield "budget", f"{settings.budget:g} full runs"
    yield "better is", "lower" if settings.goal == "min" else "higher"
    for name, value in found.task.items():
        if value is not None:
            yield str(name), str(value)
    machines = sorted({outcome.machine for _, outcome in found.done.rows if outcome.machine})
    if machines:
        yield "machines", "; ".join(machines)
    yield "report by", ", ".join(_versions(str(found.task.get("framework") or "")))


def _versions(framework: str) -> Iterator[str]:
    yield f"Python {platform.python_version()}"
    for name in ("glissando", "numpy", NAMES_ON_INDEX.get(framework, framework)):
        with suppress(PackageNotFoundError, ValueError):  # unknown by that name
            yield f"{name} {version(name)}"
