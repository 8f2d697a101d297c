"""Results as plain values, for JSON."""

import math
from collections.abc import Mapping
from typing import Any

from glissando.plateau import OnPlateau
from glissando.schedule import Schedule


def plain(value: Any) -> Any:
    """Return a value as JSON knows it; a number that is not finite becomes null.

    Example:
        >>> plain({"losses": {1: math.inf, 2: 0.5}})
        {'losses': {'1': None, '2': 0.5}}
    """
    if isinstance(value, Schedule | OnPlateau):
        return {"text": str(value), "data": _form(value)}
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if value is None or isinstance(value, str | bool | int):
        return value
    if isinstance(value, Mapping):
        return {str(key): plain(each) for key, each in value.items()}
    if hasattr(value, "_asdict"):
        return plain(value._asdict())
    if isinstance(value, list | tuple | set):
        return [plain(each) for each in value]
    return str(value)


def _form(followed: Schedule | OnPlateau) -> Any:
    """Return the JSON form; null for a function of one's own, which has none."""
    try:
        return followed.to_data()
    except ValueError:
        return None
