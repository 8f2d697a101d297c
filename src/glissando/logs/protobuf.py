"""The fields of a message in the wire format of Protocol Buffers."""

from collections.abc import Iterator

from glissando.errors import ScheduleError

VARINT, LONG, BYTES, SHORT = 0, 1, 2, 5
"""The kinds of fields."""


class DamagedError(ScheduleError):
    """Bytes that are no message."""


def fields_of(message: bytes) -> Iterator[tuple[int, int | bytes]]:
    """Yield the number of each field, and its whole number or its bytes.

    Raises:
        DamagedError: the message is none.
    """
    at = 0
    while at < len(message):
        tag, at = _varint(message, at)
        kind = tag & 7
        if kind == VARINT:
            value, at = _varint(message, at)
            yield tag >> 3, value
            continue
        if kind == BYTES:
            length, at = _varint(message, at)
        elif kind in (LONG, SHORT):
            length = 8 if kind == LONG else 4
        else:
            raise DamagedError(f"a field is of kind {kind}")
        if at + length > len(message):
            raise DamagedError("a field is longer than its message")
        yield tag >> 3, message[at : at + length]
        at += length


def _varint(message: bytes, at: int) -> tuple[int, int]:
    value = 0
    for i, byte in enumerate(message[at : at + 10]):
        value |= (byte & 127) << (7 * i)
        if byte < 128:
            return value, at + i + 1
    raise DamagedError("a number has no end")
