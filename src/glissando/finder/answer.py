"""What a range test answers: a value, with its readings, its evidence and its doubts."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Any

from glissando.errors import ScheduleError, one_of, shown
from glissando.logs.fields import Endless
from glissando.logs.fields import Text as TextRule
from glissando.rules import MAX_RATE, Choice, Flag, Many, Maybe, Number, Rule
from glissando.value import Value, entries


class _Of(Rule):
    """A value of a class, or its JSON form."""

    def __init__(self, kind: type[Value]) -> None:
        self.kind = kind

    def check(self, value: Any, where: str) -> Any:
        if isinstance(value, Mapping):
            return self.kind(**entries(self.kind, value))
        if not isinstance(value, self.kind):
            raise ScheduleError(f"{where} must be a {self.kind.__name__}, got {shown(value)}")
        return value

    def to_data(self, value: Any) -> Any:
        return value.to_data()

    def code(self, value: Any, name: Any) -> str:
        return str(value.spell(name))


_RATE = Endless(0, MAX_RATE, endless=True)
_LOSS = Endless(-MAX_RATE, MAX_RATE, endless=True)

RateOrInf = Annotated[float, _RATE]
Text = Annotated[str, TextRule()]


class Limit(Value):
    """The largest stable rate.

    Args:
        value: the rate; where none diverged, the largest that was tried.
        low: where its 90 % interval begins.
        high: where the interval ends; infinite where no rate that was tried diverged.
    """

    value: RateOrInf
    low: RateOrInf
    high: RateOrInf


class Interval(Value):
    """Where good rates lie.

    Args:
        low: the smallest of them.
        high: the largest of them.
    """

    low: RateOrInf
    high: RateOrInf


class Reading(Value):
    """A rate that is read off the curve by a rule, and the rule in words.

    Args:
        name: what the rule is called.
        rate: the rate; None where this curve has no such reading.
        loss: the smoothed loss there.
        reason: why that rate, or why there is none.
    """

    name: Text
    reason: Text
    rate: Annotated[float | None, Maybe(_RATE)] = None
    loss: Annotated[float | None, Maybe(_LOSS)] = None


class Readings(Value):
    """What the usual rules read off the curve; also by name, as in `readings["valley"]`.

    Args:
        steepest: where the loss falls fastest by the logarithm of the rate.
        valley: the middle of the longest fall.
        minimum: a tenth of the rate of the lowest loss.
        slide: where the slope becomes steady, seen from the right.
    """

    steepest: Annotated[Reading, _Of(Reading)]
    valley: Annotated[Reading, _Of(Reading)]
    minimum: Annotated[Reading, _Of(Reading)]
    slide: Annotated[Reading, _Of(Reading)]

    def __iter__(self) -> Iterator[Reading]:
        """Return all of them."""
        return iter((self.steepest, self.valley, self.minimum, self.slide))

    def __getitem__(self, name: str) -> Reading:
        """Return one by its name."""
        one_of(name, list(self.fields), "readings")
        found: Reading = getattr(self, name)
        return found


class Ramp(Value):
    """One ramp: the rates that were used, and the losses before these updates.

    Args:
        rates: the rates.
        losses: the losses; infinite where one was no finite number.
        seed: the seed of the ramp.
        diverged: whether it was stopped because the loss exploded.
    """

    rates: Annotated[Sequence[float], Many(_RATE, "a list of rates")]
    losses: Annotated[Sequence[float], Many(_LOSS, "a list of losses")]
    seed: Annotated[int, Number(0, 2**63, whole=True)] = 0
    diverged: Annotated[bool, Flag()] = False


class RateCurve(Value):
    """The loss over the rate.

    Args:
        rates: the rates of the ramp, as far as it came.
        losses: the losses: of several seeds the medians.
        smoothed: the same without spikes and noise.
        ramps: the ramps of all seeds and lengths.
    """

    rates: Annotated[Sequence[float], Many(_RATE, "a list of rates")]
    losses: Annotated[Sequence[float], Many(_LOSS, "a list of losses")]
    smoothed: Annotated[Sequence[float], Many(_LOSS, "a list of losses")]
    ramps: Annotated[Sequence[Ramp], Many(_Of(Ramp), "a list of ramps")]


class ShortRun(Value):
    """A short run at a constant rate, from the state that the test began with.

    Args:
        rate: the rate.
        seed: the seed of the run.
        loss: the loss at its end; infinite where it was no finite number.
        stable: whether it did not diverge.
    """

    rate: RateOrInf
    seed: Annotated[int, Number(0, 2**63, whole=True)]
    loss: Annotated[float, _LOSS]
    stable: Annotated[bool, Flag()]


class RateRange(Value, tag="rate_range"):
    """What `gl.find_rate` found.

    Args:
        rate: a rate to begin with: the middle of the interval, by logarithm.
        limit: the largest stable rate, with its 90 % interval.
        interval: where good rates lie: a decade at most.
        readings: what the usual rules read off the curve.
        curve: the loss over the rate.
        short_runs: the short runs at constant rates, if there were any.
        method: what the interval rests on: "short runs", or a "ramp" alone.
        doubts: what is to be doubted, in sentences.
    """

    rate: RateOrInf
    limit: Annotated[Limit, _Of(Limit)]
    interval: Annotated[Interval, _Of(Interval)]
    readings: Annotated[Readings, _Of(Readings)]
    curve: Annotated[RateCurve, _Of(RateCurve)]
    method: Annotated[str, Choice("short runs", "ramp")]
    short_runs: Annotated[Sequence[ShortRun], Many(_Of(ShortRun), "a list of short runs")] = ()
    doubts: Annotated[Sequence[str], Many(TextRule(), "a list of sentences")] = ()

    @classmethod
    def from_data(cls, data: object) -> "RateRange":
        """Return the value that a JSON form describes.

        Raises:
            ScheduleError: the form is of no such value.
        """
        return cls(**entries(cls, data))

    def plot(self) -> Any:
        """Return the curve with its readings, the interval and the limit as a Plotly figure.

        Raises:
            ImportError: plotly is not installed.
        """
        from glissando.finder.chart import chart

        return chart(self)

    def __str__(self) -> str:
        """Return the answer in a few lines."""
        low, high = self.interval.low, self.interval.high
        lines = [
            f"rate      {self.rate:.3g}",
            f"interval  {low:.3g} to {high:.3g}",
            f"limit     {self.limit.value:.3g} ({self.limit.low:.3g} to {self.limit.high:.3g})",
        ]
        for reading in self.readings:
            rate = "none" if reading.rate is None else f"{reading.rate:.3g}"
            lines.append(f"{reading.name:<8}  {rate}: {reading.reason}")
        return "\n".join([*lines, *(f"doubt: {doubt}" for doubt in self.doubts)])
