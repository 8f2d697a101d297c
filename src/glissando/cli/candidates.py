"""What Tab completes in a SCHEDULE: names, their arguments, files, and keys of files."""

import re
from collections.abc import Iterable, Iterator
from contextlib import suppress
from importlib import import_module
from inspect import isclass, signature
from pathlib import Path
from typing import Any, NamedTuple

import click
from click.shell_completion import CompletionItem

from glissando.combinators.base import Wrapper
from glissando.dialects import PEERS
from glissando.dialects.shared.directory import declared
from glissando.errors import ScheduleError
from glissando.recipes import RECIPES
from glissando.schedule import FAMILIES
from glissando.text.formats import FORMATS
from glissando.text.names import maker

LABEL = re.compile(r"(?:[^()\[\]=/.]+=)?")
IN_A_FILE = re.compile(rf"(.+?(?:{'|'.join(map(re.escape, FORMATS))})):(.*)", re.DOTALL)
LAST_WORD = re.compile(r"[\w.]*$")


class Candidate(NamedTuple):
    """What may be written, and what is said beside it where the shell shows that."""

    text: str
    words: str = ""


def candidates(_: click.Context, __: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Return the schedules that may be meant by the beginning of an argument, as click asks."""
    found: Iterable[Candidate]
    label = LABEL.match(incomplete)[0]  # type: ignore[index]  # it matches nothing, too
    text = incomplete[len(label) :]
    in_a_file = IN_A_FILE.fullmatch(text)
    if in_a_file and Path(in_a_file[1]).is_file():
        before, found = f"{in_a_file[1]}:", _keys(Path(in_a_file[1]), in_a_file[2])
    else:
        word = LAST_WORD.search(text)[0]  # type: ignore[index]
        before = text[: len(text) - len(word)]
        if word.startswith(".") and before.rstrip().endswith(")"):
            found = _methods(word)
        elif re.search(r"[(\[]|>>", before):
            arguments = tuple(_arguments(before, word))
            found = arguments if arguments and not word else (*arguments, *_makers(word))
        else:
            files = (Candidate(file.text[len(before) :]) for file in _files(text))
            names = (*_makers(word), *_sources(word)) if not before else ()
            found = (*names, *files)
    return [CompletionItem(label + before + one.text, help=one.words) for one in found]


def _makers(word: str) -> Iterator[Candidate]:
    """Yield families, recipes, and dialects; of a dialect that is named, its schedules."""
    known: dict[str, Any] = FAMILIES | RECIPES
    peer = word.partition(".")[0]
    if peer in PEERS and "." in word:
        members = declared(import_module(f"glissando.dialects.{peer}"))
        known = {f"{peer}.{name}": made for name, made in members.items()}
    for name, made in sorted(known.items()):
        if name.startswith(word):
            alone = not isclass(made) and not _needed(made)
            yield Candidate(name if alone else f"{name}(", f"({', '.join(_parameters(made))})")
    yield from (
        Candidate(f"{name}.") for name in PEERS if "." not in word and name.startswith(word)
    )


def _sources(word: str) -> Iterable[Candidate]:
    """Return the names that recipes of one source share, which stand for all of them."""
    names = sorted({name.partition(".")[0] for name in RECIPES if "." in name})
    return [Candidate(name) for name in names if name.startswith(word)]


def _parameters(made: Any) -> list[str]:
    return [
        name if value.default is value.empty else f"{name}={value.default}"
        for name, value in signature(made).parameters.items()
    ]


def _needed(made: Any) -> list[str]:
    return [
        name for name, value in signature(made).parameters.items() if value.default is value.empty
    ]


def _methods(word: str) -> Iterator[Candidate]:
    """Yield the methods that may follow a schedule, each with its dot."""
    methods = {tag: family for tag, family in FAMILIES.items() if issubclass(family, Wrapper)}
    for tag, family in sorted(methods.items()):
        if f".{tag}".startswith(word):
            others = [name for name in _parameters(family) if name != "schedule"]
            yield Candidate(f".{tag}(", f"({', '.join(others)})")


def _arguments(before: str, word: str) -> Iterator[Candidate]:
    """Yield the arguments that the innermost call of a text still takes."""
    rest = before
    while rest != (rest := re.sub(r"\([^()]*\)|\[[^\[\]]*\]", "", rest)):
        pass  # calls and lists that are closed are none of it
    call = re.search(r"([\w.]+)\(([^()]*)$", rest)
    if not call or not re.search(r"[(,]\s*$", before):
        return
    with suppress(ScheduleError):
        made = maker(call[1].rpartition(").")[2] if call[1] not in FAMILIES else call[1], "it")
        for name in signature(made).parameters:
            if name.startswith(word) and not re.search(rf"\b{name}\s*=", call[2]):
                yield Candidate(f"{name}=")


def _files(text: str) -> Iterator[Candidate]:
    """Yield the files of schedules, and the folders, whose paths begin with a text."""
    folder, slash, name = text.rpartition("/")
    with suppress(OSError):
        for path in sorted(Path(folder + slash).expanduser().iterdir()):
            if not path.name.startswith(name) or (path.name.startswith(".") and not name):
                continue
            if path.is_dir():
                yield Candidate(f"{folder}{slash}{path.name}/")
            elif path.suffix.lower() in FORMATS:
                yield Candidate(f"{folder}{slash}{path.name}")


def _keys(path: Path, begun: str) -> Iterator[Candidate]:
    """Yield the keys of a file under which schedules stand."""
    form = FORMATS[path.suffix.lower()]
    with suppress(OSError, ValueError):
        content = path.read_bytes()
        data = form.read(content.decode("utf-8-sig"), None) if len(content) <= form.limit else None
        yield from (Candidate(key) for key in _under(data, "") if key.startswith(begun))


def _under(data: Any, key: str) -> Iterator[str]:
    if key and _is_schedule(data):
        yield key
    elif isinstance(data, dict):
        for name, value in data.items():
            yield from _under(value, f"{key}.{name}" if key else name)
    elif isinstance(data, list):
        for index, value in enumerate(data):
            yield from _under(value, f"{key}[{index}]")


def _is_schedule(data: Any) -> bool:
    """Return whether plain data name a schedule: nothing is built of them."""
    name = data.get("type") if isinstance(data, dict) else data
    if not isinstance(name, str):
        return False
    if not isinstance(data, dict):
        begin = re.match(r"[\s(]*([\w.]+)", name)
        if not begin or (name.strip() != begin[1] and "(" not in name):
            return False
        name = begin[1]
    with suppress(ScheduleError):
        return maker(name, "it") is not None
    return False
