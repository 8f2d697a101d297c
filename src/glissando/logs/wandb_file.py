"""Rows from W&B's own .wandb files: the history among the records of a LevelDB log."""

import struct
import zlib
from collections.abc import Iterator

from glissando.errors import ScheduleError
from glissando.logs.json_lines import decode, row_of
from glissando.logs.protobuf import DamagedError, fields_of
from glissando.logs.source import LONGEST, Row, Source

HEAD = b":W&B"

BLOCK = 2**15
"""The size of a block, in bytes."""

WHOLE, FIRST, MIDDLE, LAST = 1, 2, 3, 4
"""What a chunk is of its record."""

HISTORY, ITEM, STEP = 2, 1, 2
KEY, NESTED, VALUE = 1, 2, 16
"""The numbers of fields: of a record, of a history, and of an item."""


def rows(source: Source) -> Iterator[Row]:
    """Yield a row for each record of the history: its items, and its number as `_step`."""
    for at, record in _records(source):
        yield from _histories(source, at, record)


def _histories(source: Source, at: int, record: bytes) -> list[Row]:
    try:
        fields = fields_of(record)
        return [_row(value) for number, value in fields if number == HISTORY and value]
    except DamagedError as error:
        source.leave_out(f"the record at byte {at}", f"is damaged: {error}")
        return []


def _row(history: int | bytes) -> Row:
    row: Row = {}
    if isinstance(history, int):
        raise DamagedError("a history is a number")
    for number, value in fields_of(history):
        if not isinstance(value, bytes):
            continue
        if number == ITEM:
            row.update(_item(value))
        elif number == STEP:
            steps = [inner for inner_number, inner in fields_of(value) if inner_number == 1]
            row.setdefault("_step", str(steps[-1]) if steps else "0")  # a 0 is not written
    return row


def _item(item: bytes) -> Row:
    """Return what an item of the history says."""
    names: list[str] = []
    text = ""
    for number, value in fields_of(item):
        if isinstance(value, bytes):
            if number in (KEY, NESTED):
                names.append(value.decode("utf-8", "replace"))
            elif number == VALUE:
                text = value.decode("utf-8", "replace")
    try:
        return row_of({"/".join(names): decode(text)})
    except ValueError:
        return {}


def _records(source: Source) -> Iterator[tuple[int, bytes]]:
    """Yield each record, and where it begins."""
    parts: list[bytes] = []
    begun = at = 0
    for place, kind, data in _chunks(source):
        if kind in (WHOLE, FIRST):
            parts, begun, at = [], place, 0
        elif not parts:
            raise ScheduleError(f"byte {place}: a record goes on that has not begun")
        parts.append(data)
        at += len(data)
        if at > LONGEST:
            raise ScheduleError(f"byte {begun}: a record must be shorter than 16 MiB, got more")
        if kind in (WHOLE, LAST):
            yield begun, b"".join(parts)
            parts = []
    if parts:
        source.leave_out(f"the record at byte {begun}", "is cut")


def _chunks(source: Source) -> Iterator[tuple[int, int, bytes]]:
    """Yield where each chunk begins, what it is of its record, and its data."""
    for start, block in _blocks(source):
        at = 7 if not start else 0
        while len(block) - at >= 7:
            checksum, length, kind = struct.unpack_from("<IHB", block, at)
            if not kind and not length and not checksum:
                break  # what fills the block
            data = block[at + 7 : at + 7 + length]
            place = start + at
            if len(data) < length:
                if len(block) == BLOCK:
                    raise ScheduleError(f"byte {place}: a chunk reaches beyond its block")
                source.leave_out(f"the chunk at byte {place}", "is cut")
                return
            if not WHOLE <= kind <= LAST or zlib.crc32(data, zlib.crc32(bytes([kind]))) != checksum:
                raise ScheduleError(f"byte {place}: the checksum is wrong, the file is damaged")
            yield place, kind, data
            at += 7 + length
        if len(block) < BLOCK and 0 < len(block) - at < 7:
            source.leave_out(f"the chunk at byte {start + at}", "is cut")


def _blocks(source: Source) -> Iterator[tuple[int, bytes]]:
    start = 0
    while block := source.file.read(BLOCK):
        source.advance(len(block))
        yield start, block
        start += len(block)
