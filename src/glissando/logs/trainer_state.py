"""Rows from the trainer_state.json of Transformers: the objects of its `log_history`."""

from collections.abc import Iterator

from glissando.errors import ScheduleError, shown
from glissando.logs.json_lines import decode, row_of
from glissando.logs.source import Row, Source


def rows(source: Source) -> Iterator[Row]:
    """Yield the rows but the summary at the end, whose `train_loss` is the mean of all losses.

    The file is one JSON document, which is read as a whole.
    """
    try:
        data = decode(source.text())
    except ValueError as error:
        raise ScheduleError(f"is no JSON: {error}") from None
    history = data.get("log_history") if isinstance(data, dict) else None
    if not isinstance(history, list):
        raise ScheduleError("has no list `log_history`, as trainer_state.json has")
    source.facts = {name: str(value) for name, value in data.items() if value is not history}
    for count, entry in enumerate(history, 1):
        if not isinstance(entry, dict):
            source.leave_out(f"entry {count}", f"of `log_history` is no object: {shown(entry)}")
        elif "train_runtime" not in entry:
            yield row_of(entry)
