"""Compares each peer's schedules with its dialect, and writes docs/parity.md (`make parity`).

A peer that cannot be installed beside the others has golden values in `golden/`: its arguments and
rates, which `golden.py` makes by running the peer in a virtual environment of its own.
"""

import argparse
import importlib
import json
import math
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
from tqdm import tqdm

import glissando as gl
from glissando.dialects import PEERS, NotRepresentable

HERE = Path(__file__).parent
PAGE = HERE.parents[1] / "docs" / "parity.md"
sys.path.insert(0, str(HERE.parent))

from parity.case import Case, allowed, resolved  # noqa: E402  # tests/ is found only now

SETS = 50


@dataclass(frozen=True)
class Row:
    """What came of one schedule of a peer."""

    peer: str
    name: str
    sets: int
    difference: float  # the largest, relative to the largest rate of its set
    ulps: float  # the same in float32 units in the last place of that rate
    reason: str  # why it is not representable
    note: str = ""


def live(peer: str) -> Any:
    """Return the module that runs an installed peer, or None."""
    try:
        return importlib.import_module(f"parity.peers.{peer}")
    except ModuleNotFoundError as error:
        if error.name and error.name.startswith("parity"):
            raise
        return None


def golden(peer: str) -> dict[str, Any]:
    """Return what a peer was seen to do in its own environment."""
    return dict(json.loads((HERE / "golden" / f"{peer}.json").read_text()))


def stored(peer: str) -> bool:
    """Return whether a peer has golden values, in place of being installed here."""
    return (HERE / "golden" / f"{peer}.json").exists()


def arguments_and_rates(case: Case, sets: int, seed: int) -> Iterator[tuple[Any, list[Any]]]:
    """Yield random arguments with the rates of the peer's own code."""
    random = Random(f"{case.name} {seed}")
    for _ in range(sets):
        arguments = case.draw(random)
        # what goes in is what a JSON file would hold
        arguments = json.loads(json.dumps(arguments))
        yield arguments, case.rates(arguments, 2 * case.horizon(arguments) + 1)


def ours(peer: str, name: str, arguments: Any) -> gl.Schedule:
    """Return the dialect's schedule."""

    def make(inner: str, given: Any) -> gl.Schedule:
        other, _, function = inner.rpartition(".")  # such as "torch.StepLR", inside Ignite's
        return getattr(getattr(gl.dialects, other or peer), function)(**given)

    return make(name, resolved(arguments, make))


def compared(schedule: gl.Schedule, rates: list[Any], apart: set[int]) -> tuple[float, float]:
    """Return the largest difference relative to full scale, and in float32 ulp of it.

    Where the peer raises, or gives what no training could use, ours has to raise.
    """
    good = [rate for rate in rates if allowed(rate)]
    scale = max(good, default=0.0)
    worst = 0.0
    for step, rate in enumerate(rates):
        if step in apart:
            continue
        try:
            mine = schedule(step)
        except gl.ScheduleError:
            mine = None
        if not allowed(rate):
            if mine is None:  # training ends there
                break
            if not isinstance(rate, float) or abs(rate) > 1e-12 * scale:  # else a rounded 0
                raise AssertionError(f"step {step}: the peer gives {rate}, ours {mine}")
        elif mine is None:
            raise AssertionError(f"step {step}: the peer gives {rate}, the dialect raises")
        else:
            worst = max(worst, abs(mine - rate))
    if worst == 0:
        return 0.0, 0.0
    return worst / scale if scale else math.inf, worst / float(np.spacing(np.float32(scale)))


def row(peer: str, case: Case, runs: Iterator[tuple[Any, list[Any]]]) -> Row:
    """Return a peer's row; raise where the curves have another shape."""
    if case.draw is None:
        try:
            ours(peer, case.name, {})
        except NotRepresentable as error:
            return Row(peer, case.name, 0, 0.0, 0.0, str(error).partition(": ")[2])
        raise AssertionError(f"{peer}.{case.name} is not said to be impossible")
    sets, difference, ulps = 0, 0.0, 0.0
    for arguments, rates in runs:
        apart = {step for step in range(len(rates)) if case.apart(arguments, step)}
        try:
            found = compared(ours(peer, case.name, arguments), rates, apart)
        except Exception as error:
            raise AssertionError(f"{peer}.{case.name}({arguments}): {error}") from error
        sets, difference, ulps = sets + 1, max(difference, found[0]), max(ulps, found[1])
    return Row(peer, case.name, sets, difference, ulps, "", case.note)


def rows(peer: str, sets: int = SETS, seed: int = 0) -> Iterator[Row]:
    """Yield the rows of a peer, from its own code or from its golden values."""
    if stored(peer):
        found = golden(peer)
        for name, runs in found["cases"].items():
            apart = {json.dumps(run[0]): set(run[2]) for run in runs or []}
            case = Case(
                name,
                None if runs is None else dict,
                apart=lambda a, step, apart=apart: step in apart[json.dumps(a)],
                note=found["notes"].get(name, ""),
            )
            yield row(peer, case, ((run[0], run[1]) for run in runs or []))
    else:
        for case in live(peer).CASES:
            yield row(peer, case, arguments_and_rates(case, sets, seed))


def close(peer: str, found: Row) -> bool:
    """Return whether a row is equal, in the rounding that the peer computes in."""
    ulps = most_ulps(peer)
    return found.ulps <= ulps if ulps else found.difference <= 1e-12


def most_ulps(peer: str) -> float:
    """Return how many float32 ulp a peer's rates may be off; 0 if it computes in double."""
    if stored(peer):
        return float(golden(peer)["ulps"])
    return float(getattr(live(peer), "ULPS", 0))


def about(peer: str) -> tuple[str, list[str]]:
    """Return a peer's version and all its schedules."""
    if stored(peer):
        found = golden(peer)
        return found["version"], found["classes"]
    module = live(peer)
    return module.VERSION, module.classes()


def page(everything: dict[str, list[Row]]) -> str:
    """Return the page in Markdown."""
    every = [found for peer in everything.values() for found in peer]
    equal = [found for found in every if not found.reason]
    lines = [
        "# Parity with other frameworks",
        "",
        "`make parity` made this page. Each schedule of a peer was run by the peer's own code for "
        "random arguments, at every step from 0 to twice its horizon, and compared with what "
        "`gl.dialects` returns for the same arguments, unless its row says otherwise. At the first "
        "step at which the peer raises, or has no rate that training could use, the dialect "
        "raises.",
        "",
        f"{len(every)} schedules of {len(everything)} peers: {len(equal)} equal, "
        f"{len(every) - len(equal)} not representable.",
        "",
    ]
    for peer, found in everything.items():
        version, _ = about(peer)
        ulps = most_ulps(peer)
        lines += [
            f"## {peer} {version}",
            "",
            f"It computes in float32: equal means within {ulps:g} float32 ulp of full scale."
            if ulps
            else "It computes in Python floats: equal means within 1e-12 of full scale.",
            "",
        ]
        if stored(peer):
            lines += [
                "Not installed beside the others: compared with golden values, made by running it "
                "in an environment of its own (`tests/parity/golden.py`).",
                "",
            ]
        lines += ["| schedule | verdict | sets | largest difference |", "|---|---|---|---|"]
        for one in found:
            size = f"{one.ulps:.1f} ulp" if ulps else f"{one.difference:.0e}"
            if one.reason:
                lines.append(f"| `{one.name}` | not representable: {one.reason} | | |")
            else:
                verdict = "equal" + (f", but: {one.note}" if one.note else "")
                lines.append(f"| `{one.name}` | {verdict} | {one.sets} | {size} |")
        lines.append("")
    return "\n".join(lines)


def main() -> int:
    """Compare everything, and write the page."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sets", type=int, default=SETS, help="random sets of each schedule")
    parser.add_argument("--seed", type=int, default=0, help="of the random sets")
    parser.add_argument("--peer", choices=PEERS, help="print the rows of one peer, write nothing")
    options = parser.parse_args()
    peers = [options.peer] if options.peer else list(PEERS)
    everything = {
        peer: list(rows(peer, options.sets, options.seed))
        for peer in tqdm(peers, unit="peer", disable=None)
    }
    wrong = [r for peer, found in everything.items() for r in found if not close(peer, r)]
    for one in wrong:
        print(f"{one.peer}.{one.name}: {one.difference:.2g}, {one.ulps:.1f} float32 ulp apart")
    if options.peer:
        print(page(everything))
    elif not wrong:
        PAGE.write_text(page(everything))
    return bool(wrong)


if __name__ == "__main__":
    raise SystemExit(main())
