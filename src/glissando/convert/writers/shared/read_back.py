"""Configurations that are compared by reading them: with the reader that users have."""

from importlib import import_module
from pathlib import Path
from typing import Any

from glissando.convert.certificate import Draft
from glissando.convert.given import Given
from glissando.convert.opened import document_of
from glissando.convert.registry import READERS


def read_back(
    target: str, code: str, suffix: str, given: Given | None = None, **about: Any
) -> Draft:
    """Return a configuration whose rates are those that its reader makes of it.

    Args:
        target: the framework, which has a reader of the same name.
        code: the configuration.
        suffix: that of its file.
        given: what the file does not say.
        about: what else is to be said of it.
    """
    import_module(f"glissando.convert.readers.{target.replace('-', '_')}")
    curve = READERS[target].read(document_of(Path(f"schedule{suffix}"), code), given or Given())
    by = f"what Glissando's reader of {target} makes of it"
    return Draft(code, True, by, lambda steps: [curve(step) for step in steps], **about)
