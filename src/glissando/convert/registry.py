"""What makes a function a reader of configurations: a name, and the files that it knows."""

from collections.abc import Callable
from typing import NamedTuple

from glissando.convert.document import Document
from glissando.convert.given import Given
from glissando.schedule import Schedule

Read = Callable[[Document, Given], Schedule]


class Reader(NamedTuple):
    """A reader of one framework's configurations.

    Attributes:
        name: the framework, as users say `framework="axolotl"`.
        knows: returns how sure it is that a document is its own, from 0 to 1.
        read: returns the rate that the framework's trainer uses, update by update.
    """

    name: str
    knows: Callable[[Document], float]
    read: Read


READERS: dict[str, Reader] = {}
"""Every reader by its name."""


def reader(name: str, knows: Callable[[Document], float]) -> Callable[[Read], Read]:
    """Make a function the reader of a framework's configurations.

    Args:
        name: the framework's name.
        knows: returns how sure it is that a document is its own, from 0 to 1.
    """

    def register(read: Read) -> Read:
        READERS[name] = Reader(name, knows, read)
        return read

    return register
