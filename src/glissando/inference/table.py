"""A table of a log's own rates, where no expression explains them."""

from glissando.errors import ScheduleError
from glissando.families.table import Table
from glissando.inference.rows import Rows


def table(rows: Rows, lag: int) -> Table:
    """Return straight lines through as few rows as keep each within its error."""
    steps, rates, errors = rows.steps - lag, rows.rates, rows.errors
    if len(steps) < 2 or steps[0] < 0:
        raise ScheduleError(f"infer: `log` must hold 2 rows or more, got {len(steps)}")
    kept = [0]
    low, high = float("-inf"), float("inf")
    for i in range(1, len(steps)):
        start = kept[-1]
        width = steps[i] - steps[start]
        slope = (rates[i] - rates[start]) / width
        if not low <= slope <= high:
            start = i - 1
            kept.append(start)
            width = steps[i] - steps[start]
            low, high = float("-inf"), float("inf")
        slack = 0.999 * errors[i]
        low = max(low, (rates[i] - slack - rates[start]) / width)
        high = min(high, (rates[i] + slack - rates[start]) / width)
    kept.append(len(steps) - 1)
    return Table([float(rates[i]) for i in kept], [float(steps[i]) for i in kept])
