"""The columns of a log: by their usual names, and their numbers."""

import math
import re
from array import array
from collections.abc import Collection, Iterable, Iterator
from functools import lru_cache

from glissando.errors import ScheduleError, shown, suggestion
from glissando.logs.shapes import Shapes
from glissando.logs.source import Row

USUAL = {
    "step": (
        r"((train|trainer)_)?global_?step|num_updates",
        r"steps?|iterations?|iters?|current_steps?|updates?",
        r"_step",  # of W&B: it counts what was logged
        r"(current_)?epochs?",
    ),
    "training": (
        r"loss|train(ing)?_?loss|loss_train(ing)?",
        r"(train(ing)?_)?(total_loss|loss_total|loss_step)|lm_loss|loss_metrics_global_avg_loss",
        r"(train(ing)?_)?loss_epoch|epoch_loss",
    ),
    "validation": (
        r"(eval|val|valid|validation|dev)_?loss|loss_(eval|val|valid|validation|dev)",
        r"(eval|val|valid|validation|dev)_(total_loss|loss_total|loss_epoch)",
    ),
    "rate": (
        r"(train(ing)?_)?(lr|learning_?rate)",
        r"epoch_(lr|learning_rate)",
        r"train_samples_lr",  # of DeepSpeed
        r"((train|optim)_)?(lr|learning_rate)_"  # of a group or an optimizer
        r"(?!.*(momentum|decay|samples|tokens|scale|factor|ratio|min|max)$).+",
    ),
}
"""What columns are called, those that are meant first: names in lower case, with `_` for signs."""

MOST_NAMES = 1_000
"""How many columns are remembered for messages, and how many may be meant."""


class Column:
    """The numbers of a column, in the order of the file."""

    def __init__(self, name: str, shapes: Shapes | None = None) -> None:
        self.name = name
        self.shapes = shapes
        """What its texts show of their numbers, if that is asked for."""
        self.rows = array("q")
        self.values = array("d")
        self.bad: list[tuple[int, str]] = []
        """The first rows that hold no number, and what they hold."""

    def add(self, row: int, text: str) -> None:
        """Take what a row holds."""
        try:
            value = float(text)
        except ValueError:
            if len(self.bad) < 2:
                self.bad.append((row, text))
            return
        self.rows.append(row)
        self.values.append(value)
        if self.shapes is not None:
            self.shapes.add(text)

    def says_the_same(self, other: "Column") -> bool:
        """Return whether another column has the same numbers in the same rows."""
        return self.rows == other.rows and all(
            a == b or (math.isnan(a) and math.isnan(b))
            for a, b in zip(self.values, other.values, strict=True)
        )


class Columns:
    """The columns of a log that may be meant, and the names of all.

    Args:
        asked: names of columns that are kept in any case.
        kinds: of which keys of `USUAL` columns are kept.
        shaped: whether the shapes of their texts are kept, too.
    """

    def __init__(
        self, asked: Iterable[str], kinds: Collection[str] = tuple(USUAL), shaped: bool = False
    ) -> None:
        self.asked = frozenset(asked)
        self.kinds = kinds
        self.shaped = shaped
        self.count = 0
        self.names: dict[str, None] = {}
        self.columns: dict[str, Column] = {}

    def read(self, rows: Iterator[Row]) -> None:
        """Take rows, after those that were taken; no other column of them is kept."""
        for row in rows:
            self.count += 1
            for name, text in row.items():
                column = self.columns.get(name)
                if column is None:
                    if name in self.names:
                        continue
                    if len(self.names) < MOST_NAMES:
                        self.names[name] = None
                    if name not in self.asked and (
                        len(self.columns) >= MOST_NAMES
                        or not any(place(name, what) for what in self.kinds)
                    ):
                        continue
                    column = self.columns[name] = Column(name, Shapes() if self.shaped else None)
                column.add(self.count, text)

    def find(self, what: str, asked: str | None, option: str) -> Column | None:
        """Return the column that is asked for, or the one that is called as it is usual.

        Args:
            what: a key of `USUAL`.
            asked: its name, if the user gave one.
            option: what the user gives its name by.

        Raises:
            ScheduleError: it is not there, or several may be meant.
        """
        if asked is not None:
            if asked not in self.columns:
                raise ScheduleError(
                    f"`{option}` must be a column that is there, got {shown(asked)}"
                    f"{suggestion(asked, self.names)}; {self.listed()}"
                )
            return self.columns[asked]
        places = {name: place(name, what) for name in self.columns}
        first = min((at for at in places.values() if at), default=0)
        found = [self.columns[name] for name, at in places.items() if at and at == first]
        if any(not found[0].says_the_same(other) for other in found[1:]):
            names = " and ".join(shown(column.name) for column in found[:8])
            names += f" and {len(found) - 8} more" if len(found) > 8 else ""
            raise ScheduleError(f"several columns may be meant, {names}: say which by `{option}`")
        return found[0] if found else None

    def listed(self) -> str:
        """Return the columns in words."""
        names = [shown(name) for name in self.names]
        more = f" and {len(names) - 40} more" if len(names) > 40 else ""
        return f"its columns are {', '.join(names[:40])}{more}"


@lru_cache(2**13)
def place(name: str, what: str) -> int:
    """Return the place of a name among the usual ones, from 1 on; 0 if it is none of them."""
    plain = re.sub(r"[^a-z0-9]+", "_", name.lower())
    plain = plain if plain == "_step" else plain.strip("_")
    ways = USUAL[what]
    return next((at for at, way in enumerate(ways, 1) if re.fullmatch(way, plain)), 0)


def by_epoch(name: str) -> bool:
    """Return whether a column counts epochs, by its name."""
    return place(name, "step") == len(USUAL["step"])
