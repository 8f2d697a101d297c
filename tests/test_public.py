"""The public names, and what each of them owes its reader."""

import inspect
import pydoc
import re
import subprocess
import sys

import pytest

import glissando as gl

ADAPTERS = [
    "catboost", "ignite", "keras", "lightgbm", "lightning", "optax", "sklearn", "torch",
    "transformers", "xgboost",
]  # fmt: skip
NAMES = [
    "FAMILIES", "Schedule", "ScheduleError", "ScheduleMismatch", "Finding", "lint", "Duration",
    "duration", "Plan", "plan", "formula", "source", "plot", "Greedy", "GreedyState", "OnPlateau",
    "Plateau", "PlateauState", "dumps", "from_data", "load", "loads", "parse", "save", "Function",
    "schedule", "maximum", "minimum",
]  # fmt: skip
METHODS = [
    "bounce", "branch", "clip", "drop", "fields", "finish", "hold_each", "noise", "open_ended",
    "plot", "repeat", "replace", "reverse", "rewarm", "slow", "steps", "stretch", "strict", "tag",
    "take", "to_data",
]  # fmt: skip
DATA = ["fields", "steps", "tag"]


def public(thing):
    return [name for name in dir(thing) if not name.startswith("__")]


def test_the_package_lists_what_users_may_use_and_nothing_else():
    classes = [family.__name__ for family in gl.FAMILIES.values()]
    assert public(gl) == sorted(["dialects", "recipes", *ADAPTERS, *NAMES, *classes])
    assert set(dir(gl)) - set(public(gl)) == {"__version__"}
    assert dir(gl.dialects) == sorted(["NotRepresentable", "PEERS", *gl.dialects.PEERS])


@pytest.mark.parametrize(
    "schedule",
    [gl.Cosine(1.0, 0.0, steps=3), gl.Constant(1.0).clip(0.5), gl.schedule(lambda step: 1.0)],
    ids=lambda schedule: type(schedule).__name__,
)
def test_a_schedule_lists_its_fields_and_the_methods_for_users_and_nothing_else(schedule):
    assert public(schedule) == sorted({*schedule.fields, *METHODS})
    for name in public(schedule):
        assert hasattr(schedule, name)


@pytest.mark.parametrize("name", NAMES[1:] + [name for name in METHODS if name not in DATA])
def test_every_public_name_is_documented(name):
    assert inspect.getdoc(getattr(gl, name, None) or getattr(gl.Schedule, name))


HELP = inspect.getdoc(gl)


def test_help_says_in_few_lines_what_there_is():
    _, *body = HELP.splitlines()
    assert body[1] == "    >>> import glissando as gl"
    assert len(body) <= 25
    for adapter in ADAPTERS:
        assert f"`gl.{adapter}`" in HELP
    methods = set(METHODS) - {"fields", "plot", "replace", "steps", "tag", "to_data"}
    assert methods <= set(re.findall(r"\w+", HELP))


def test_help_names_only_what_exists():
    for path in re.findall(r"`?gl((?:\.\w+)+)", HELP):
        found = gl
        for name in path[1:].split("."):
            found = getattr(found, name)
    classes = re.search(r"^Families +(.*?), and more", HELP, re.M | re.S)[1].split()
    assert {getattr(gl, name).__name__ for name in classes} == set(classes)
    methods = re.search(r"every schedule:\s+(.*?)\n\w", HELP, re.S)[1].split()
    assert set(methods) <= set(dir(gl.Constant(1.0)))


def test_help_needs_no_framework():
    code = (
        "import sys; sys.modules |= dict.fromkeys(sys.argv[1:]); "
        "import glissando as gl, pydoc; print(pydoc.render_doc(gl)); gl.keras"
    )
    command = [sys.executable, "-c", code, *ADAPTERS]
    found = subprocess.run(command, capture_output=True, text=True)
    assert "Families" in found.stdout
    last = found.stderr.splitlines()[-1]
    assert last.startswith("AttributeError: gl.keras cannot be imported: import of keras halted")


@pytest.mark.parametrize("family", gl.FAMILIES.values(), ids=list(gl.FAMILIES))
def test_a_family_is_public_under_its_own_name_and_says_what_it_is(family):
    assert getattr(gl, family.__name__) is family
    documentation = inspect.getdoc(family)
    for section in ("Args:", "Raises:", "Example:"):
        assert section in documentation
    described = re.findall(r"^    (\w+): ", documentation, re.M)
    assert [name for name in described if name in family.fields] == list(family.fields)
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
    assert str(inspect.signature(gl.Cosine)) == "(start: float, end: float, steps: int)"
    assert str(inspect.signature(gl.Constant)) == "(value: float, steps: float = inf)"


def test_help_of_a_family_begins_with_its_signature_and_its_own_words():
    lines = pydoc.plain(pydoc.render_doc(gl.Cosine)).splitlines()[2:]
    assert lines[0] == "class Cosine(glissando.schedule.Schedule)"
    assert lines[1] == " |  Cosine(start: float, end: float, steps: int)"
    assert lines[3] == " |  " + inspect.getdoc(gl.Cosine).splitlines()[0]


def test_a_schedule_is_a_frozen_value():
    rate = gl.Cosine(0.1, 0.0, steps=10)
    for change in (
        lambda: setattr(rate, "start", 0.2),
        lambda: setattr(rate, "other", 0.2),
        lambda: delattr(rate, "start"),
    ):
        with pytest.raises(AttributeError, match=r"cannot (assign to|delete) field"):
            change()
    assert rate == gl.Cosine(0.1, 0.0, steps=10) != gl.KDecay(0.1, 0.0, 10, 1.0)
    assert len({rate, gl.Cosine(0.1, 0.0, steps=10)}) == 1
