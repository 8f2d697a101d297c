"""What is proven: the pains, with the tests that prove them gone, and where frameworks disagree."""

import re
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import glissando as gl
from generate.drawing import compared, key
from generate.markdown import joined
from glissando.errors import ScheduleError
from glissando.schedule import Schedule

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib


def pains(listed: Path, tests: Path) -> str:
    """Return what users suffer from elsewhere, each with the tests that prove it gone."""
    told = tomllib.loads(listed.read_text())
    proofs = pain_tests(tests)
    page = []
    for section in told["section"].values():
        page += [f"### {section.pop('title')}"]
        for number, pain in section.items():
            proof = [f"- `{test}`" for test in proofs.get(int(number), [])]
            why = told["why"].get(number, "")
            if not proof and not why:
                raise ValueError(f"pain {number} has neither a test nor a reason")
            page += [f"**{number}. {pain}** {why}".rstrip(), *(["\n".join(proof)] if proof else [])]
    return joined(page)


def pain_tests(folder: Path) -> dict[int, list[str]]:
    """Return the tests by the number of the pain in their names."""
    found: dict[int, list[str]] = {}
    for path in sorted(folder.rglob("test_*.py")):
        for name, number in re.findall(r"^def (test_pain_(\d\d)_\w+)", path.read_text(), re.M):
            where = path.relative_to(folder).as_posix()
            found.setdefault(int(number), []).append(f"{where}::{name}")
    return found


def disagreements(listed: Path) -> str:
    """Return the curves that frameworks give one name to, in a picture and in numbers."""
    page = [
        "# Where frameworks disagree",
        "One name, and other curves: here are those of every framework that has the name, as its "
        "dialect has them in [`gl.dialects`](../dialects.md). The tests hold them to the rates "
        "that the frameworks themselves train with. A dash is a step at which the framework "
        "raises, or has a rate below 0.",
    ]
    for topic in tomllib.loads(listed.read_text()).values():
        steps = max(len(rates.split()) for _, rates in topic["curves"])
        made = {call: called(call) for call, _ in topic["curves"]}
        curves = {call: [rate_at(s, step) for step in range(steps)] for call, s in made.items()}
        head = ["step", *map(str, range(steps))]
        rows = [
            [f"{key(i)} `{call}`", *map(shown, rates)]
            for i, (call, rates) in enumerate(curves.items())
        ]
        table = ["|".join(row) for row in (head, ["---"] * len(head), *rows)]
        picture = f"```{{raw}} html\n{compared(list(curves.values()))}\n```"
        page += [f"## {topic['title']}", topic["text"], picture, "\n".join(f"|{r}|" for r in table)]
    return joined(page)


def called(call: str) -> Schedule:
    """Return the schedule that a call in a file of ours makes; a plateau hears one metric only."""
    peers = {peer: getattr(gl.dialects, peer) for peer in gl.dialects.PEERS}
    made: Any = eval(call, {"gl": gl} | peers)
    made = made["lr"] if isinstance(made, Mapping) else made
    if isinstance(made, Schedule):
        return made
    states = [made.init()]
    for _ in range(20):
        states.append(made.update(states[-1], 1.0))
    return gl.schedule(lambda step: states[step].factor)


def rate_at(schedule: Schedule, step: int) -> float | None:
    """Return the rate at a step; None if the schedule raises there."""
    try:
        return schedule(step)
    except ScheduleError:
        return None


def shown(rate: float | None) -> str:
    """Return a rate as the tables have it."""
    return "–" if rate is None else f"{rate:.3g}"
