"""What an audit finds."""

import math
from typing import Any, NamedTuple

import numpy as np

from glissando.checks.advice import advice
from glissando.pages import COLORS
from glissando.schedule import Schedule

MOST_DOTS = 150
"""How many rows a chart shows."""


class First(NamedTuple):
    """The first row that differs from what was meant.

    Attributes:
        row: its place among `Verdict.rows`, counted from 0.
        number: which row of the log it is, counted from 1.
        step: its step, as the log counts it.
        update: the update whose rate it holds.
        meant: the rate that was meant.
        logged: the rate that was logged.
    """

    row: int
    number: int
    step: float
    update: int
    meant: float
    logged: float


class Reason(NamedTuple):
    """Why logged rates differ from what was meant.

    Attributes:
        name: the cause.
        sentence: what happened.
        parameters: its numbers, by their names.
        since: the first update that it changed.
        then: what happened later, where it takes two causes to explain all rows.
    """

    name: str
    sentence: str
    parameters: dict[str, Any]
    since: int
    then: "Reason | None" = None

    @property
    def advice(self) -> str:
        """What to write instead."""
        return advice(self.name, self.parameters)

    def to_data(self) -> dict[str, Any]:
        """Return the cause as plain values for JSON."""
        found: dict[str, Any] = _plain(self._replace(then=None)._asdict())
        then = self.then and self.then.to_data()
        return {**found, "advice": self.advice, "then": then}


class Used(NamedTuple):
    """The rate of the last update that was made.

    Attributes:
        update: the update, counted from 0.
        rate: the rate that it used.
        logged: whether the last row holds it, and not the rate of another update.
    """

    update: int
    rate: float
    logged: bool


class Columns(NamedTuple):
    """The rows of a log beside what was meant, as arrays.

    Attributes:
        step: the step, as the log counts it.
        update: the update whose rate the row holds.
        number: which row of the log it is, counted from 1.
        meant: the rate that was meant.
        logged: the rate that was logged.
        told: the rate by the cause, or what was meant; NaN if unexplained.
        fits: whether what was meant is what was logged.
    """

    step: Any
    update: Any
    number: Any
    meant: Any
    logged: Any
    told: Any
    fits: Any


class Verdict(NamedTuple):
    """What a log tells of the schedule that was meant; it is true if the two match.

    Attributes:
        matches: whether each row is what was meant, within what the log can tell.
        cause: why not, if one cause explains all rows.
        others: the other causes that explain all rows, the simpler ones first.
        lag: row s holds the rate of update s - lag.
        clock: what the log's steps count: "update", "epoch", "sample" or "batch".
        reading: how the rows were read, in words.
        digits: how many digits of the highest rate the log tells.
        first: the first row that differs.
        explained: the first and the last row of the longest run that is what was meant.
        used: the last update that was made by the last row, and its rate by the schedule or by the
            cause, where it is known: it need not be what the row holds.
        rows: the rows; of a log of many some, those around the first that differs among them.
        doubts: what the log cannot tell, in sentences.
        notes: what was odd in the log and is no fault, in sentences.
        schedule: the schedule that was meant.
        compared: how many rows were compared.
    """

    matches: bool
    cause: Reason | None
    others: tuple[Reason, ...]
    lag: int
    clock: str
    reading: str
    digits: int
    first: First | None
    explained: tuple[int, int]
    used: Used | None
    rows: Columns
    doubts: tuple[str, ...]
    notes: tuple[str, ...]
    schedule: Schedule
    compared: int

    def __bool__(self) -> bool:
        """Return whether the log is what was meant."""
        return self.matches

    def __str__(self) -> str:
        """Return the verdict in a few lines."""
        head = "Matches" if self.matches else "Differs"
        exact = f"to {self.digits} digit{'s' * (self.digits != 1)}"
        lines = [f"{head}: {self.compared:,} rows; {self.reading}, {exact}."]
        if self.first is not None:
            first = self.first
            meant, logged = _apart(first.meant, first.logged)
            at = f"step {first.step:,.10g}, row {first.number:,}"
            lines.append(
                f"First:    update {first.update:,} ({at}) was to use {meant}, and {logged} was "
                "logged."
            )
            if self.cause:
                lines.append(f"Cause:    {self.cause.name}: {self.cause.sentence}.")
                lines += [f"Instead:  {self.cause.advice}."] * bool(self.cause.advice)
                if self.cause.then:
                    then = self.cause.then
                    lines.append(
                        f"Then:     from update {then.since:,}, {then.name}: {then.sentence}."
                    )
                    lines += [f"Instead:  {then.advice}."] * bool(then.advice)
            else:
                low, high = (self.rows.step[row] for row in self.explained)
                whole = self.explained[1] >= self.explained[0]
                where = f"from step {low:,.10g} to {high:,.10g}" if whole else "nowhere"
                lines.append(
                    f"Cause:    unexplained from step {first.step:,.10g}; the longest run that is "
                    f"what was meant is {where}."
                )
            lines += [f"Or:       {other.name}: {other.sentence}." for other in self.others[:2]]
        if self.used is not None:
            lines.append(
                f"Used:     update {self.used.update:,}, the last, used {_used(self.used)}."
            )
        lines += [f"Unknown:  {doubt}." for doubt in self.doubts]
        lines += [f"Note:     {note}." for note in self.notes]
        return "\n".join(lines)

    def to_data(self) -> dict[str, Any]:
        """Return the verdict as plain values for JSON."""
        reasons = [reason.to_data() for reason in self.others]
        return {
            "matches": self.matches,
            "cause": self.cause and self.cause.to_data(),
            "others": reasons,
            "lag": self.lag,
            "clock": self.clock,
            "reading": self.reading,
            "digits": self.digits,
            "first": self.first and _plain(self.first._asdict()),
            "explained": list(self.explained),
            "rows": self.compared,
            "used": self.used and _plain(self.used._asdict()),
            "doubts": list(self.doubts),
            "notes": list(self.notes),
            "schedule": str(self.schedule),
        }

    def plot(self, *, log: bool = False, backend: str = "plotly") -> Any:
        """Return a chart: the schedule as a line, logged rates as dots, the divergence marked.

        Args:
            log: whether the axis of rates is logarithmic.
            backend: what draws it: "plotly", or "matplotlib" for papers.
        """
        from glissando.picture import plot

        rows = self.rows
        some = np.unique(np.linspace(0, len(rows.update) - 1, MOST_DOTS).round().astype(int))
        pairs = list(zip(rows.update[some].tolist(), rows.logged[some].tolist(), strict=True))
        last = int(max(rows.update.max(), min(self.schedule.steps, 2**53), 1)) + 1
        if self.schedule.steps == math.inf:
            last = int(rows.update.max()) + 2
        title = "Matches"
        if self.first is not None:
            causes = [each.name for each in (self.cause, self.cause and self.cause.then) if each]
            name = ", then ".join(causes) or "unexplained"
            title = f"Differs from update {self.first.update:,} on: {name}"
        figure = plot(
            {"meant": self.schedule}, steps=last, logged=pairs, log=log, backend=backend,
            title=title,
        )  # fmt: skip
        for at in self._marked():
            if backend == "plotly":
                figure.add_vline(at, line_color=COLORS[3], line_dash="dot")
            else:
                figure.axes[0].axvline(at, color=COLORS[3], linestyle=":", linewidth=1)
        return figure

    def _marked(self) -> list[int]:
        """Return the updates from which on rates differ: one, or two if there are two causes."""
        then = self.cause and self.cause.then
        first = [] if self.first is None else [self.first.update]
        return [*first, then.since] if then else first


def _used(used: Used) -> str:
    rate = f"{used.rate:.6g}"
    return rate if used.logged else f"{rate}; the last row holds the rate of another update"


def _apart(meant: float, logged: float) -> tuple[str, str]:
    """Return two rates in as many digits as show that they differ."""
    for digits in range(4, 17):
        a, b = f"{meant:.{digits}g}", f"{logged:.{digits}g}"
        if a != b:
            return a, b
    return repr(meant), repr(logged)


def _plain(value: Any) -> Any:
    """Return plain values: what is no number is None in JSON."""
    if isinstance(value, dict):
        return {name: _plain(each) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value
