"""The designer in a notebook, as a widget."""

from typing import Any

import anywidget
import traitlets

from glissando.designer.page import as_data, bundle
from glissando.errors import ScheduleError
from glissando.picture import mimebundle
from glissando.schedule import Part, Schedule
from glissando.text.files import dumps, loads


class Designer(anywidget.AnyWidget):  # type: ignore[misc]  # it may not be installed
    """The designer around one schedule: `value` is what it shows, and can be set.

    What is built in the browser is in `value` at once. It is an empty chain while nothing is built.
    `schedule` holds it as JSON, the one trait that Python and the browser both write: use
    `widget.observe(function, "schedule")` to follow it.

    Args:
        schedule: the schedule to begin with.
        forecast: the JSON form of a forecast, whose losses are shown.
    """

    _esm = bundle()
    schedule = traitlets.Unicode().tag(sync=True)
    forecast = traitlets.Unicode("null", read_only=True).tag(sync=True)

    def __init__(self, schedule: Schedule, forecast: str) -> None:
        super().__init__(schedule=_text(schedule))
        self.set_trait("forecast", forecast)

    @property
    def value(self) -> Schedule:
        """The schedule as it is shown now."""
        return loads(self.schedule)

    @value.setter
    def value(self, schedule: Schedule) -> None:
        self.schedule = _text(schedule)

    @traitlets.validate("schedule")  # type: ignore[untyped-decorator]
    def _valid(self, proposal: Any) -> str:
        """Keep the old schedule where a new one is none."""
        try:
            loads(proposal["value"])
        except ScheduleError as error:
            raise traitlets.TraitError(str(error)) from None
        return str(proposal["value"])

    def __repr__(self) -> str:
        """Return the schedule, as a notebook shows it where no widget can run."""
        return repr(self.value)

    def _repr_mimebundle_(self, **options: Any) -> Any:
        """Return the widget and, for where none can run, the schedule's picture."""
        data, metadata = super()._repr_mimebundle_(**options)
        picture = mimebundle(self.value)
        return {kind: picture[kind] for kind in picture if kind == "image/svg+xml"} | data, metadata


def _text(schedule: Schedule) -> str:
    """Return the JSON of a schedule that the browser can compute."""
    as_data(Part().check(schedule, "design: `schedule`"))
    return dumps(schedule)
