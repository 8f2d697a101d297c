"""The public names, and what each of them owes its reader."""

import inspect
import re
import subprocess
import sys
from dataclasses import FrozenInstanceError

import pytest

import glissando as gl

PUBLIC = [
    name for name in dir(gl) if not name.startswith("_") and not inspect.ismodule(getattr(gl, name))
]


@pytest.mark.parametrize("name", PUBLIC)
def test_every_public_name_is_documented(name):
    if name == "FAMILIES":
        return
    assert inspect.getdoc(getattr(gl, name))


@pytest.mark.parametrize("family", gl.FAMILIES.values(), ids=list(gl.FAMILIES))
def test_a_family_is_public_under_its_own_name_and_says_what_it_is(family):
    assert getattr(gl, family.__name__) is family
    documentation = inspect.getdoc(family)
    for section in ("Args:", "Raises:", "Example:"):
        assert section in documentation
    described = re.findall(r"^    (\w+): ", documentation, re.M)
    assert [name for name in described if name in family.rules] == list(family.rules)
    assert re.sub(r"(?<!^)([A-Z])", r"_\1", family.__name__).lower() == family.tag


def test_adapters_load_at_first_use_only():
    code = (
        "import sys, glissando as gl; before = 'keras' in sys.modules; gl.keras; "
        "print(before, 'keras' in sys.modules)"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.split() == ["False", "True"]


def test_an_unknown_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="module 'glissando' has no attribute 'kears'"):
        _ = gl.kears


def test_signatures_show_plain_types():
    assert str(inspect.signature(gl.Cosine)) == "(start: float, end: float, steps: int) -> None"
    assert str(inspect.signature(gl.Constant)) == "(value: float, steps: float = inf) -> None"


def test_a_schedule_is_a_frozen_value():
    rate = gl.Cosine(0.1, 0.0, steps=10)
    for change in (
        lambda: setattr(rate, "start", 0.2),
        lambda: setattr(rate, "other", 0.2),
        lambda: delattr(rate, "start"),
    ):
        with pytest.raises(FrozenInstanceError, match=r"cannot (assign to|delete) field"):
            change()
    assert rate == gl.Cosine(0.1, 0.0, steps=10) != gl.KDecay(0.1, 0.0, 10, 1.0)
    assert len({rate, gl.Cosine(0.1, 0.0, steps=10)}) == 1
