"""The designer in a notebook."""

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from glissando.combinators import Chain
from glissando.schedule import Schedule

if TYPE_CHECKING:
    from glissando.designer.widget import Designer
    from glissando.forecasting.forecast import Forecast


def design(
    schedule: Schedule | None = None, forecast: "Forecast | Mapping[str, Any] | None" = None
) -> "Designer":
    """Return the designer as a widget, in which a schedule is built by hand.

    It is shown at the end of a cell, in JupyterLab, Notebook, VS Code, Colab and marimo; what is
    built there is its `value`, and a schedule that is set as its `value` is shown there. On the
    command line, `glissando design` opens it as a page.

    Args:
        schedule: the schedule to begin with; by default there is none yet.
        forecast: what `gl.forecast` returns, or its JSON form: the designer then shows the loss
            that is predicted for what is built.

    Raises:
        ScheduleError: `schedule` is none, or holds a function of your own.
        ImportError: anywidget is not installed.

    Example:
        >>> from glissando import Cosine
        >>> designer = design(Cosine(0.1, 0.0, steps=100))
        >>> designer.value
        gl.Cosine(0.1, 0.0, steps=100)
    """
    try:
        from glissando.designer.widget import Designer
    except ModuleNotFoundError as error:
        message = f'design: a notebook needs {error.name}: pip install "glissando[notebook]"'
        raise ImportError(message, name=error.name) from error
    data = forecast if forecast is None or isinstance(forecast, Mapping) else forecast.to_data()
    return Designer(Chain([]) if schedule is None else schedule, json.dumps(data))
