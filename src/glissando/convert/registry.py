"""What makes a function a reader: a name, and the configurations or objects that it knows."""

from collections.abc import Callable
from typing import Any, NamedTuple

from glissando.convert.document import Document
from glissando.convert.given import Given
from glissando.schedule import Schedule

Read = Callable[[Document, Given], Schedule]
ReadObject = Callable[[Any, Given], Schedule]


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


class ObjectReader(NamedTuple):
    """A reader of one framework's live objects.

    Attributes:
        name: the framework.
        knows: returns whether an object is its own; it imports no framework that is not loaded.
        read: returns the rate that the framework's trainer uses, update by update.
    """

    name: str
    knows: Callable[[Any], bool]
    read: ReadObject


READERS: dict[str, Reader] = {}
"""Every reader of configurations by its name."""

OBJECTS: dict[str, ObjectReader] = {}
"""Every reader of objects by its name."""


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


def object_reader(name: str, knows: Callable[[Any], bool]) -> Callable[[ReadObject], ReadObject]:
    """Make a function the reader of a framework's live objects.

    Args:
        name: the framework's name.
        knows: returns whether an object is its own.
    """

    def register(read: ReadObject) -> ReadObject:
        OBJECTS[name] = ObjectReader(name, knows, read)
        return read

    return register
