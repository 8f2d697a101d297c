"""A user's own function by its import path: data, and imported only where that is asked for."""

import copy
import json
import math
import os
import pickle
import subprocess
import sys

import jsonschema
import numpy as np
import pytest
import torch
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

import glissando as gl
from glissando.adapters.shared.resume import form, resumed_from
from glissando.cli import main
from glissando.families.imported import Arguments
from glissando.languages.source import LANGUAGES
from glissando.plateau import OnPlateau
from glissando.text import json_schema

FILES = {
    "mypkg/__init__.py": "from mypkg.rates import halving as shown_here\n",
    "mypkg/rates.py": """
from os import getcwd
from mypkgevil import evil
import functools

def halving(step, gamma=0.5, **others):
    return 0.1 * gamma ** (step // 5)

def broken(step):
    return 0.1 - 0.02 * step

def ready():
    return 0.1

def _private(step):
    return 0.1

class Rate:
    def __call__(self, step):
        return 0.1

rate = Rate()
number = 3
kept = functools.lru_cache(halving)
""",
    "mypkgevil.py": "def evil(step):\n    return 0.1\n",
    "failing.py": "import nothing_of_that_name\n",
}
OWN = ("mypkg", "mypkg.rates", "mypkgevil", "failing")


@pytest.fixture(autouse=True)
def package(tmp_path, monkeypatch):
    """A package of the user's, not imported yet."""
    for name, text in FILES.items():
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.chdir(tmp_path)
    yield
    forget()


def forget():
    for name in OWN:
        sys.modules.pop(name, None)


def halving(**options):
    return gl.Imported("mypkg.rates:halving", {"gamma": 0.25}, **options)


def written(path="mypkg.rates:halving"):
    """A JSON form that names a function, nothing of it imported."""
    forget()
    return json.dumps({"type": "imported", "function": path})


def test_it_is_called_composed_and_held_to_its_end():
    own = halving(steps=20)
    assert [own(t) for t in (0, 5, 20, 99)] == [0.1, 0.025, 0.1 * 0.25**4, 0.1 * 0.25**4]
    assert list(own(np.array([0, 5]))) == [0.1, 0.025]
    both = own * 0.5 >> gl.Linear(1.0, 0.0, steps=10)
    assert (both(5), both(25), both.steps) == (0.0125, 0.5, 30)
    assert halving().steps == math.inf
    assert gl.Imported("mypkg.rates:kept")(5) == 0.05


def test_it_is_a_value(tmp_path):
    own = halving(steps=20)
    whole = own * 0.5 >> gl.Constant(0.1)
    assert repr(own) == "gl.Imported('mypkg.rates:halving', arguments={\"gamma\": 0.25}, steps=20)"
    assert str(own) == "imported('mypkg.rates:halving', arguments={\"gamma\": 0.25}, steps=20)"
    allow = ["mypkg."]
    forms = [
        eval(repr(whole), {"gl": gl}),
        gl.parse(str(whole), allow_imports=allow),
        gl.loads(gl.dumps(whole), allow_imports=allow),
        gl.from_data(whole.to_data(), allow_imports=allow),
        pickle.loads(pickle.dumps(whole)),
        copy.copy(whole),
        copy.deepcopy(whole),
    ]
    for suffix in ("json", "yaml", "toml"):
        gl.save(whole, tmp_path / f"rate.{suffix}")
        forms.append(gl.load(tmp_path / f"rate.{suffix}", allow_imports=allow))
    for form_ in forms:
        assert form_ == whole
        assert hash(form_) == hash(whole)
        assert repr(form_) == repr(whole)
        assert [form_(t) for t in range(30)] == [whole(t) for t in range(30)]
    assert own != halving(steps=21)
    assert own != gl.Imported("mypkg.rates:halving", {"gamma": 0.5}, steps=20)
    jsonschema.validate(own.to_data(), json_schema())
    assert gl.parse("imported('mypkg.rates:halving', {'gamma': 0.25,}, 20)", None, allow) == own


plain = st.recursive(
    st.booleans()
    | st.integers(-(2**60), 2**60)
    | st.floats(allow_nan=False, allow_infinity=False)
    # TOML's and YAML's writers know no lone surrogates
    | st.text(st.characters(exclude_categories=["Cs"]))
    | st.sampled_from(["1e-3", "1_000", "yes", "null", "'", '"', "\\", "3%", "2001-01-01", "{}"]),
    lambda part: (
        st.lists(part, max_size=3) | st.dictionaries(st.text("ab é'\"\\."), part, max_size=3)
    ),
    max_leaves=6,
)


@given(values=st.dictionaries(st.text("abc"), plain, max_size=3))
def test_arguments_come_through_every_form(values, tmp_path_factory):
    own = gl.Imported("mypkg.rates:halving", {f"x{name}": value for name, value in values.items()})
    allow = ["mypkg."]
    forms = [
        eval(repr(own), {"gl": gl}),
        gl.parse(str(own), allow_imports=allow),
        gl.loads(gl.dumps(own), allow_imports=allow),
    ]
    for suffix in ("yaml", "toml"):
        path = tmp_path_factory.getbasetemp() / f"rate.{suffix}"
        gl.save(own, path)
        forms.append(gl.load(path, allow_imports=allow))
    for form_ in forms:
        assert form_ == own


def test_arguments_are_frozen_and_their_order_does_not_matter():
    values = {"gamma": 0.5, "others": [1, 2]}
    own = gl.Imported("mypkg.rates:halving", values)
    values["others"].append(3)
    own.arguments["others"].append(4)
    assert dict(own.arguments) == {"gamma": 0.5, "others": [1, 2]}
    assert own == gl.Imported("mypkg.rates:halving", {"others": [1, 2], "gamma": 0.5})
    assert Arguments('{"a": 1}') != Arguments('{"a": 1.0}')


READERS = {
    "loads": gl.loads,
    "from_data": lambda text, **options: gl.from_data(json.loads(text), **options),
    "parse": lambda text, **options: gl.parse(
        f"imported({json.loads(text)['function']!r})", **options
    ),
    "chain": lambda text, **options: gl.loads(f'{{"type": "chain", "parts": [{text}]}}', **options),
    "on_plateau": lambda text, **options: (
        OnPlateau.from_data(
            gl.Plateau(patience=1).on(gl.Constant(1.0)).to_data() | {"schedule": json.loads(text)},
            **options,
        ).schedule
    ),
}
every_reader = pytest.mark.parametrize("read", READERS.values(), ids=list(READERS))


@every_reader
def test_nothing_is_imported_unless_asked_for(read):
    text = written()
    for options in (
        {},
        {"allow_imports": []},
        {"allow_imports": ["mypk.", "mypkg.rate", "rates."]},
    ):
        with pytest.raises(gl.ScheduleError) as caught:
            read(text, **options)
        assert (
            "Imported: `function`: 'mypkg.rates:halving' is not imported without being asked to: "
            "pass allow_imports=['mypkg.']" in str(caught.value)
        )
    assert not set(OWN) & set(sys.modules)


@every_reader
@pytest.mark.parametrize("allow", ["mypkg.", "mypkg.rates.", "mypkg.rates", "mypkg.rates:halving"])
def test_what_is_allowed_is_imported(read, allow):
    assert read(written(), allow_imports=[allow])(5) == 0.05


@pytest.mark.parametrize(
    ("path", "allow"),
    [
        ("mypkgevil:evil", "mypkg."),
        ("mypkgevil:evil", "mypkg"),
        ("mypkg.rates:halving", "mypkg"),
        ("mypkg.rates:halving", "mypkg.rates:broken"),
        ("mypkg.rates.more:f", "mypkg.rates"),
    ],
)
def test_a_name_that_only_begins_alike_is_not_allowed(path, allow):
    with pytest.raises(gl.ScheduleError, match="is not imported without being asked to"):
        gl.loads(written(path), allow_imports=[allow])
    assert not set(OWN) & set(sys.modules)


@pytest.mark.parametrize(
    ("path", "home"),
    [("mypkg.rates:getcwd", os.getcwd.__module__), ("mypkg.rates:evil", "mypkgevil")],
)
def test_a_function_from_elsewhere_is_not_allowed_with_the_module_that_has_it(path, home):
    with pytest.raises(
        gl.ScheduleError, match=f"'{path}' comes from {home}, which `allow_imports`"
    ):
        gl.loads(written(path), allow_imports=["mypkg."])
    assert gl.loads(written("mypkg:shown_here"), allow_imports=["mypkg."])(5) == 0.05
    assert gl.loads(written("mypkg.rates:evil"), allow_imports=["mypkg.", "mypkgevil"])(5) == 0.1
    assert gl.loads(written("mypkg.rates:evil"), allow_imports=["mypkg.rates:evil"])(5) == 0.1


@pytest.mark.parametrize(
    "path",
    [
        "mypkg.rates:__globals__", "mypkg.rates:_private", "mypkg.rates:halving.__globals__",
        "mypkg.__init__:f", "mypkg._x:f", "__main__:f", "mypkg.rates", "mypkg.rates:", ":halving",
        "mypkg..rates:halving", ".mypkg:f", "mypkg/rates:f", "mypkg.rates:halving\n", "", "a:b:c",
        "mypkg.rates:halving()", 3, None, ["mypkg.rates:halving"],
    ],
)  # fmt: skip
def test_a_path_is_of_public_names_alone(path):
    for build in (
        gl.Imported,
        lambda p: gl.loads(written(p), allow_imports=["mypkg.", "mypkg.rates"]),
    ):
        with pytest.raises(gl.ScheduleError, match="Imported: `function` must be the import path"):
            build(path)


@pytest.mark.parametrize(
    "allow",
    ["mypkg.", ["mypkg.*"], [""], ["."], [".mypkg"], [None], {"mypkg.": 1}, None, ["a b"], ["_a."]],
)
def test_what_may_be_imported_is_named_rightly(allow):
    data = {"type": "constant", "value": 1}
    for read in (lambda **o: gl.from_data(data, **o), lambda **o: gl.parse("constant(1)", **o)):
        with pytest.raises(gl.ScheduleError, match="`allow_imports` must be a list of packages"):
            read(allow_imports=allow)


@pytest.mark.parametrize(
    ("path", "arguments", "message"),
    [
        ("mypkg.none:f", {}, "'mypkg.none:f' cannot be imported: No module named 'mypkg.none'"),
        ("failing:f", {}, "'failing:f' cannot be imported: No module named 'nothing_of_that_name'"),
        ("mypkg.rates:none", {}, "'none' must be a function in mypkg.rates, got None"),
        ("mypkg.rates:Rate", {}, "'Rate' must be a function in mypkg.rates, got <class"),
        ("mypkg.rates:rate", {}, "'rate' must be a function in mypkg.rates, got <mypkg"),
        ("mypkg.rates:number", {}, "'number' must be a function in mypkg.rates, got 3"),
        ("mypkg.rates:functools", {}, "'functools' must be a function in mypkg.rates, got <module"),
        ("mypkg.rates:ready", {}, "must take the step and `arguments`: too many positional"),
        ("mypkg.rates:broken", {"x": 1}, "`arguments`: got an unexpected keyword argument 'x'"),
        ("mypkg.rates:halving", {"step": 1}, "`arguments`: multiple values for argument 'step'"),
        ("mypkg.rates:halving", [1], "`arguments` must be an object of plain values by name, got"),
        ("mypkg.rates:halving", {1: 2}, "`arguments` must be a finite number, a string, True"),
        ("mypkg.rates:halving", {"x": None}, "`arguments`['x'] must be a finite number, a string"),
        ("mypkg.rates:halving", {"x": [math.nan]}, "`arguments`['x'][0] must be a finite number"),
        ("mypkg.rates:halving", {"x": gl.Constant(1.0)}, "`arguments`['x'] must be a finite"),
    ],
)
def test_what_cannot_be_built_is_refused_at_once(path, arguments, message):
    with pytest.raises(gl.ScheduleError) as caught:
        gl.Imported(path, arguments)
    assert str(caught.value).startswith("Imported: ")
    assert message in str(caught.value)


def test_deep_arguments_are_refused():
    deep = []
    for _ in range(500):
        deep = [deep]
    with pytest.raises(gl.ScheduleError, match="nested at most 32 deep"):
        gl.Imported("mypkg.rates:halving", {"x": deep})


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "expected a name in quotes or a number, got 'the end'"),
        ("{1: 2}", "expected a schedule, got {1: 2}"),
        ("{'a' 2}", "expected ':', got '2'"),
        ("{'a': 2 'b': 3}", "expected '}', got"),
        ("{'a': 2, 'a': 3}", "'a' is given twice"),
        ('{"\\x": 2}', "as JSON writes it"),
        ("{'a': " * 100, "nested more than 32 deep"),
        ("{'a': 2} * 3", "'*' needs a schedule on one side"),
        ("{'a': linear(0, 1, 5)}", "expected a schedule, got {"),
    ],
)
def test_the_text_form_says_where_arguments_go_wrong(text, message):
    with pytest.raises(gl.ScheduleError) as caught:
        gl.parse(text)
    assert message in str(caught.value)


def test_a_bad_rate_is_named_with_its_step():
    broken = gl.Imported("mypkg.rates:broken")
    assert broken(3) == pytest.approx(0.04)
    with pytest.raises(
        gl.ScheduleError, match=r"finite number of 0 or more, got -0.0\d+ at step 6"
    ):
        broken(6)


def test_it_has_no_formula():
    own = halving(steps=20)
    for language in LANGUAGES:
        with pytest.raises(gl.ScheduleError, match="a function of your own has no formula"):
            gl.source(own, language)
    with pytest.raises(gl.ScheduleError, match=r"mypkg\.rates:halving has no formula\. A"):
        gl.keras.LearningRateSchedule(own * 0.5)


def test_it_runs_in_a_graph_if_it_is_written_with_operators():
    own = halving(steps=20)
    for run in (own, torch.compile(own.__call__, backend="eager", fullgraph=True)):
        assert run(torch.tensor([1, 5])).tolist() == pytest.approx([0.1, 0.025])
    with pytest.raises(
        gl.ScheduleError, match=r"gl\.Imported\('math:sqrt'\): it cannot run on ten"
    ):
        gl.Imported("math:sqrt")(torch.tensor([1, 5]))


def test_lint_and_pictures_ask_for_no_step_that_training_would_not_use():
    strict = gl.Linear(0.01, 0.1, steps=5) >> gl.Imported("mypkg.rates:broken", steps=6)
    assert [finding.rule for finding in gl.lint(strict)] == ["zero-end"]
    assert len(gl.plot(strict).data) == 1


def test_a_checkpoint_is_resumed_with_the_functions_that_the_new_schedule_has():
    saved = gl.Linear(0.0, 0.1, steps=5) >> halving(steps=20)
    data = form(saved, 3)
    assert resumed_from(data, saved, 3) == saved
    longer = gl.Linear(0.0, 0.1, steps=5) >> halving(steps=30)
    with pytest.raises(gl.ScheduleMismatch, match=r"no rate differs in steps 0 to 3"):
        resumed_from(data, longer, 3)
    assert resumed_from(data, longer, 3, "keep") == saved
    assert resumed_from(data, longer, 3, "rewarm") == saved.take(3) >> longer


def test_a_checkpoint_with_another_function_is_a_mismatch_and_imports_nothing():
    data = form(halving(steps=20), 3)
    forget()
    new = gl.Constant(0.1)
    for policy in ("raise", "keep", "continue", "rewarm"):
        with pytest.raises(gl.ScheduleMismatch, match="the function 'mypkg"):
            resumed_from(data, new, 3, policy)
    assert resumed_from(data, new, 3, "replace") == new
    assert not set(OWN) & set(sys.modules)


def test_the_command_line_imports_when_told_to(tmp_path):
    gl.save(halving(steps=20), tmp_path / "rate.json")
    forget()
    result = CliRunner().invoke(main, ["show", "rate.json", "--json"])
    assert result.exit_code == 2
    assert "or --allow-imports mypkg. on the command line" in result.stderr
    assert not set(OWN) & set(sys.modules)
    for schedule in ("rate.json", "imported('mypkg.rates:halving', {'gamma': 0.25}, steps=20)"):
        # as a console script, which does not look for modules in the current folder
        code = "import sys; sys.path.pop(0); from glissando.cli import main; main()"
        command = [sys.executable, "-c", code, "table", schedule, "--to", "6"]
        done = subprocess.run(
            [*command, "--allow-imports", "other.", "--allow-imports", "mypkg."],
            capture_output=True,
            text=True,
            check=True,
            cwd=tmp_path,
        )
        assert "0.025" in done.stdout
