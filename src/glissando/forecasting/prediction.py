"""What a forecast answers: a loss with its interval, and which of several schedules is best."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from glissando.logs.curve import Curve
from glissando.schedule import Schedule


class Prediction(NamedTuple):
    """The loss that a schedule is predicted to give.

    Attributes:
        loss: the loss after the last step.
        low: the lower end of its 80 % interval.
        high: the upper end.
        curve: the losses on the way, as a run.
        doubts: what speaks against it, in sentences.
        laws: what each law says by itself.
    """

    loss: float
    low: float
    high: float
    curve: Curve
    doubts: tuple[str, ...]
    laws: Mapping[str, float]

    def __str__(self) -> str:
        return f"{self.loss:.4f} ({self.low:.4f} to {self.high:.4f})"

    def to_data(self) -> dict[str, Any]:
        """Return the JSON form."""
        return self._asdict() | {"curve": self.curve.to_data(), "laws": dict(self.laws)}


class Ranked(NamedTuple):
    """A schedule in a ranking.

    Attributes:
        name: its name.
        schedule: the schedule.
        prediction: what it is predicted to give.
        probability: how probable it is that it is the best of the ranking.
    """

    name: str
    schedule: Schedule
    prediction: Prediction
    probability: float

    @property
    def chance(self) -> str:
        """The probability in words: nothing is certain."""
        if not 0.005 <= self.probability < 0.995:
            return "<1%" if self.probability < 0.5 else ">99%"
        return f"{self.probability:.0%}"


class Ranking(tuple[Ranked, ...]):
    """Schedules, the best first; printed as a table."""

    @property
    def best(self) -> Ranked:
        """The first."""
        return self[0]

    @property
    def answer(self) -> str:
        """Which is predicted best, in a sentence."""
        best, likely = self.best, max(self, key=lambda each: each.probability)
        loss = f"{best.name} is predicted best, with a loss of {best.prediction}"
        if len(self) == 1:
            return f"{best.name} is predicted to give a loss of {best.prediction}."
        if likely is best:
            return f"{loss}; that it is the best of these has a probability of {best.chance}."
        return (
            f"{loss}, but that is not sure: it is the best of these with a probability of "
            f"{best.chance}, {likely.name} with {likely.chance}."
        )

    @property
    def doubts(self) -> tuple[str, ...]:
        """What speaks against it: what is said of all schedules once, and the rest by name."""
        said: dict[str, list[str]] = {}
        for each in self:
            for doubt in each.prediction.doubts:
                said.setdefault(doubt, []).append(each.name)
        return tuple(
            doubt if len(names) == len(self) else f"{', '.join(names)}: {doubt}"
            for doubt, names in said.items()
        )

    def __str__(self) -> str:
        width = max(len(each.name) for each in self)
        head = f"{'':{width}}  {'loss':<8}{'80 % interval':<20}best"
        rows = [
            f"{each.name:{width}}  {p.loss:<8.4f}{f'{p.low:.4f} to {p.high:.4f}':<20}"
            f"{each.chance:>4}"
            for each in self
            for p in [each.prediction]
        ]
        return "\n".join([head, *rows])

    def to_data(self) -> list[dict[str, Any]]:
        """Return the JSON form."""
        return [
            {
                "name": name,
                "schedule": schedule.to_data(),
                "prediction": prediction.to_data(),
                "probability": probability,
            }
            for name, schedule, prediction, probability in self
        ]
