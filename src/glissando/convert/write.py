"""A schedule as a framework's own code or configuration, with a certificate."""

import os
from collections.abc import Callable, Iterable, Iterator
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules
from textwrap import shorten, wrap
from typing import NamedTuple

from glissando.convert import writers
from glissando.convert.certificate import Certificate, Draft, certify
from glissando.errors import ScheduleError, one_of, shown
from glissando.schedule import Schedule
from glissando.text.files import write_whole

WIDTH = 100
"""How long a line of comment may be."""

LONGEST = 500
"""How much of a schedule is written above the code."""

Writer = Callable[[Schedule], Iterable[Draft]]


class Written(NamedTuple):
    """What a schedule was written as.

    Attributes:
        text: the code or configuration, with the certificate above it where the format has
            comments.
        certificate: how it was compared with the schedule, and what came out.
    """

    text: str
    certificate: Certificate

    @property
    def certified(self) -> bool:
        """Whether the certificate stands above the text: a format may have no comments."""
        return self.text.startswith("# ")

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the text to a file; one that is there is replaced whole."""
        write_whole(Path(path), self.text.encode())


def targets() -> tuple[str, ...]:
    """Return what a schedule can be written as: a plain file in `writers` is a target."""
    found = (entry.name for entry in iter_modules(writers.__path__))
    return tuple(sorted(name.replace("_", "-") for name in found if name != "shared"))


def write(
    schedule: Schedule,
    to: str,
    path: str | os.PathLike[str] | None = None,
    *,
    native: bool | None = None,
    verify: bool = False,
) -> Written:
    """Return a schedule as a framework's code or configuration, with a certificate.

    Code is of the framework's own classes where these say the schedule exactly, and otherwise a
    function that needs nothing but the framework. A configuration that cannot say the schedule is
    refused.

    Args:
        schedule: the schedule.
        to: the framework, as "torch", "keras", "optax", "transformers" or "axolotl".
        path: a file to write it to as well.
        native: True for nothing but the framework's own classes or settings, False for nothing but
            a function; by default the first that is exact.
        verify: whether the framework, which must be installed, is run and its rates are compared;
            otherwise those of its formulas are.

    Raises:
        ScheduleError: the framework is unknown, or has nothing that says this schedule: the message
            names the setting that cannot.

    Example:
        >>> from glissando import Cosine
        >>> print(write(Cosine(0.1, 0.0, steps=100), "keras").text.splitlines()[-2])
        schedule = keras.optimizers.schedules.CosineDecay(0.1, 100)
    """
    if not isinstance(schedule, Schedule):
        raise ScheduleError(f"write: `schedule` must be a schedule, got {shown(schedule)}")
    one_of(to, targets(), "write: `to`")
    module = import_module(f"{writers.__name__}.{to.replace('-', '_')}")
    draft, certificate = _chosen(schedule, to, module.drafts, native, verify)
    written = Written(_text(schedule, draft, certificate), certificate)
    if path is not None:
        written.save(path)
    return written


def _chosen(
    schedule: Schedule, to: str, drafts: Writer, native: bool | None, verify: bool
) -> tuple[Draft, Certificate]:
    """Return the first draft that is the schedule, and its certificate."""
    failed: Certificate | None = None
    for draft in _wanted(drafts(schedule), native):
        certificate = certify(schedule, to, draft)
        if certificate.holds and verify:
            certificate = certify(schedule, to, draft, verify)
        if certificate.holds:
            return draft, certificate
        failed = certificate
    if failed is None:
        kind = "function" if native is False else "class or setting of its own"
        raise ScheduleError(f"{to}: no {kind} says {shown(schedule)}; leave `native` out")
    raise ScheduleError(
        f"{to}: the nearest to {shown(schedule)} differs by {failed.largest:.3g} at update "
        f"{failed.update}, more than {failed.tolerance:.1g} of full scale, by {failed.by}"
    )


def _wanted(drafts: Iterable[Draft], native: bool | None) -> Iterator[Draft]:
    for draft in drafts:
        if native is None or draft.native is native:
            yield draft


def _text(schedule: Schedule, draft: Draft, certificate: Certificate) -> str:
    """Return the text with the certificate above it, where the format has comments."""
    if not draft.comment:
        return draft.code
    about = shorten(f"The learning rate {schedule}, written by Glissando.", LONGEST)
    lines: list[str] = []
    for text in (about, *certificate.lines()):
        first, rest = f"{draft.comment} ", f"{draft.comment}   "
        lines += wrap(text, WIDTH, initial_indent=first, subsequent_indent=rest)
    return "\n".join([*lines, "", draft.code])
