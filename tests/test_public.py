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
    "FAMILIES", "Curve", "PeakRange", "Pilot", "Pilots", "Prior", "RateRange", "Suggestion",
    "find_rate", "forecast", "learn_priors", "pilots", "read_curve", "suggest", "transfer_peak",
    "Schedule", "ScheduleError", "ScheduleMismatch", "Finding", "lint", "batch_ramp", "Duration",
    "TimeBudget", "design", "duration", "Plan", "plan", "formula", "source", "plot", "Greedy",
    "StudyResult", "study", "GreedyState", "OnPlateau", "Plateau", "PlateauState", "dumps",
    "from_data", "load", "loads", "parse", "save", "Function", "schedule", "maximum", "minimum",
    "read", "write", "audit", "Verdict", "infer", "Inference",
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


def test_a_public_name_is_no_module_of_the_same_name():
    """An import of a module puts it on the package, whatever was to be there."""
    names = set(NAMES) - {"FAMILIES"}
    code = (
        "import sys, pkgutil, glissando as gl; from importlib import import_module\n"
        "for entry in pkgutil.iter_modules(gl.__path__):\n"
        "    if entry.name not in ('__main__', 'demo'): import_module('glissando.' + entry.name)\n"
        "print(*[n for n in sys.argv[1:] if not callable(getattr(gl, n))])"
    )
    command = [sys.executable, "-c", code, *sorted(names)]
    assert subprocess.run(command, capture_output=True, text=True, check=True).stdout == "\n"


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
    assert last == "AttributeError: gl.keras needs Keras: pip install keras"


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


SUBJECTS = {
    "catboost": "CatBoost: pip install catboost",
    "ignite": "Ignite: pip install pytorch-ignite",
    "keras": "Keras: pip install keras",
    "lightgbm": "LightGBM: pip install lightgbm",
    "lightning": "Lightning: pip install lightning",
    "optax": "Optax: pip install optax",
    "sklearn": "scikit-learn: pip install scikit-learn",
    "torch": "PyTorch: pip install torch",
    "transformers": "Transformers: pip install transformers",
    "xgboost": "XGBoost: pip install xgboost",
}


def told_without(modules, *statements):
    """What each statement raises in a process in which modules are not installed."""
    code = (
        "import sys\n"
        "modules, *statements = sys.argv[1:]\n"
        "sys.modules |= dict.fromkeys(modules.split())\n"
        "import glissando as gl\n"
        "for statement in statements:\n"
        "    try: exec(statement)\n"
        "    except Exception as error: print(f'{type(error).__name__}: {error}')\n"
    )
    command = [sys.executable, "-c", code, modules, *statements]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()


def test_a_framework_that_is_missing_is_named_with_its_package_however_its_adapter_is_used():
    ways = ("gl.{}", "from glissando.adapters import {}", "import glissando.adapters.{}")
    statements = [way.format(adapter) for adapter in ADAPTERS for way in ways]
    found = told_without(" ".join([*ADAPTERS, "pytorch_lightning"]), *statements)
    for adapter, lines in zip(ADAPTERS, zip(*[iter(found)] * 3, strict=True), strict=True):
        needed = "torch" if adapter in ("ignite", "lightning", "transformers") else adapter
        message = f"gl.{needed} needs {SUBJECTS[needed]}"
        assert lines == (f"AttributeError: {message}", *[f"MissingFramework: {message}"] * 2)


def test_the_package_of_ignite_is_not_called_ignite():
    (line,) = told_without("ignite", "gl.ignite.Scheduler")
    assert line == "AttributeError: gl.ignite needs Ignite: pip install pytorch-ignite"


def test_what_an_installed_framework_lacks_is_told_in_its_own_words():
    (line,) = told_without("scipy", "gl.sklearn")
    assert line.startswith("AttributeError: gl.sklearn cannot be imported: ")
    assert "scipy" in line
    assert "pip install scikit-learn" not in line


@pytest.mark.parametrize(
    ("name", "place"),
    [
        ("OneCycle", "gl.recipes.one_cycle"),
        ("OneCycleLR", "gl.dialects.torch.OneCycleLR"),
        ("StepLR", "gl.dialects.torch.StepLR"),
        ("Step", "gl.dialects.torch.StepLR"),
        ("cosine", "gl.Cosine"),
        ("COSINE", "gl.Cosine"),
        ("inverse_sqrt", "gl.InverseSqrt"),
        ("CosineAnnealingLR", "gl.dialects.torch.CosineAnnealingLR"),
        ("CosineDecay", "gl.dialects.keras.CosineDecay"),
        ("cosine_decay_schedule", "gl.dialects.optax.cosine_decay_schedule"),
        ("one_cycle", "gl.recipes.one_cycle"),
        ("wsd", "gl.recipes.wsd"),
        ("WSD", "gl.recipes.wsd"),
        ("keras_tip", "gl.recipes.keras_tip"),
        ("LearningRateScheduler", "gl.keras.LearningRateScheduler"),
        ("Scheduler", "gl.torch.Scheduler"),
        ("follow", "gl.transformers.follow"),
        ("Exponential_decay", "gl.dialects.keras.ExponentialDecay"),
        ("get_linear_schedule_with_warmup", "gl.dialects.transformers.get_linear_schedule_with"),
        ("kears", "gl.keras"),
        ("Cosin", "gl.Cosine"),
    ],
)
def test_a_name_that_is_elsewhere_is_told_where(name, place):
    with pytest.raises(AttributeError) as caught:
        getattr(gl, name)
    message = str(caught.value)
    assert message.startswith(f"module 'glissando' has no attribute {name!r}; there is ")
    assert place in message
    for path in message.partition("; there is ")[2].split(", "):
        found = gl
        for part in path.split(".")[1:]:
            found = getattr(found, part)


@pytest.mark.parametrize(
    ("room", "name", "place"),
    [
        ("recipes", "OneCycle", "gl.recipes.one_cycle"),
        ("recipes", "Cosine", "gl.Cosine"),
        ("dialects", "StepLR", "gl.dialects.torch.StepLR"),
        ("dialects", "Torch", "gl.dialects.torch"),
        ("dialects", "wsd", "gl.recipes.wsd"),
        ("dialects.torch", "onecyclelr", "gl.dialects.torch.OneCycleLR"),
        ("dialects.torch", "CosineDecay", "gl.dialects.keras.CosineDecay"),
        ("dialects.keras", "CosineAnnealingLR", "gl.dialects.torch.CosineAnnealingLR"),
        ("dialects.transformers", "cosine_schedule_with_warmup", "get_cosine_schedule_with"),
    ],
)
def test_a_name_is_found_from_other_rooms_too(room, name, place):
    found = gl
    for part in room.split("."):
        found = getattr(found, part)
    with pytest.raises(AttributeError, match=re.escape(place)) as caught:
        getattr(found, name)
    assert str(caught.value).startswith(f"module 'glissando.{room}' has no attribute {name!r}")


def test_to_look_for_a_name_costs_nothing_where_none_is_missing():
    code = (
        "import sys, copy, pickle, glissando as gl\n"
        "from glissando import text, cli\n"
        "hasattr(gl, '__wrapped__'), hasattr(gl, '_private'), gl.Cosine(1, 0, 3)(1)\n"
        "assert not [m for m in sys.modules if m.startswith('glissando.dialects.')]"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
    assert not hasattr(gl, "Adam")
    assert not hasattr(gl.dialects.torch, "__wrapped__")


def test_what_the_adapters_have_is_known_without_them():
    from glissando.adapters import NAMES

    assert sorted(NAMES) == ADAPTERS
    for adapter, names in NAMES.items():
        for name in names:
            assert hasattr(getattr(gl, adapter), name)


@pytest.mark.parametrize(
    ("build", "message"),
    [
        (
            lambda: gl.Cosine(1.0, 0.0, T_max=10),
            "Cosine: unknown argument 'T_max'; write Cosine(start, end, steps); "
            "gl.dialects.torch.CosineAnnealingLR takes T_max",
        ),
        (
            lambda: gl.Cosine(lr=1.0, eta_min=0.0, T_max=10),
            "Cosine: unknown arguments 'lr', 'eta_min', 'T_max'; write Cosine(start, end, steps); "
            "gl.dialects.torch.CosineAnnealingLR takes lr, eta_min, T_max",
        ),
        (
            lambda: gl.Linear(0.0, 1.0, 10, num_warmup_steps=3),
            "Linear: unknown argument 'num_warmup_steps'; write Linear(start, end, steps); "
            "gl.dialects.transformers.get_linear_schedule_with_warmup takes num_warmup_steps",
        ),
        (
            lambda: gl.Staircase(1.0, step_size=3, gamma=0.1),
            "Staircase: unknown arguments 'step_size', 'gamma'; write Staircase(start, ratio, "
            "every); gl.dialects.torch.StepLR takes step_size, gamma",
        ),
        (
            lambda: gl.Cosine(1.0, 0.0, first_decay_steps=3),
            "Cosine: unknown argument 'first_decay_steps'; write Cosine(start, end, steps); "
            "gl.dialects.keras.CosineDecayRestarts takes first_decay_steps",
        ),
        (
            lambda: gl.Cosine(1.0, 0.0, step=3),
            "Cosine: unknown argument 'step'; did you mean 'steps'? "
            "Write Cosine(start, end, steps)",
        ),
        (
            lambda: gl.Cosine(1.0, 0.0),
            "Cosine: `steps` is missing; write Cosine(start, end, steps)",
        ),
        (lambda: gl.Constant(), "Constant: `value` is missing; write Constant(value, steps=inf)"),
        (
            lambda: gl.Cosine(1.0, 0.0, 3, 4),
            "Cosine: takes at most 3 arguments, got 4; write Cosine(start, end, steps)",
        ),
        (
            lambda: gl.Cosine(1.0, 0.0, 3, end=0.0),
            "Cosine: `end` is given twice; write Cosine(start, end, steps)",
        ),
    ],
)
def test_a_family_answers_words_that_it_does_not_know_with_what_to_write(build, message):
    with pytest.raises(TypeError) as caught:
        build()
    assert str(caught.value) == message


@pytest.mark.parametrize("word", ["max_lr", "total_steps", "eta_min", "decay_steps", "warmup_t"])
def test_words_of_other_frameworks_lead_to_their_dialects(word):
    for family in (gl.Cosine, gl.Linear, gl.Constant):
        with pytest.raises(TypeError, match=rf"gl\.dialects\.\w+\.\w+.* takes? {word}$"):
            family(**{word: 1})


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
