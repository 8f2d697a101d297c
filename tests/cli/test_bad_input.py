"""Bad input: one clear message, the exit code 2, no traceback, no file damaged."""

import os
import subprocess
import sys

import pytest
from click.testing import CliRunner

import glissando as gl
from glissando.cli import main

DEEP = 10_000


def refuse(*arguments):
    """Run a command that must fail; return its message."""
    result = CliRunner().invoke(main, [str(argument) for argument in arguments])
    return checked(result.exit_code, result.stdout, result.stderr)


def process(*arguments, **options):
    """The same in a process of its own."""
    command = [sys.executable, "-m", "glissando", *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, **options)
    return checked(done.returncode, done.stdout, done.stderr)


def checked(code, out, err):
    assert (code, out) == (2, ""), err
    assert "Traceback" not in err
    hint, _, message = err.rpartition("Error: ")
    assert hint == "" or hint.startswith("Usage: glissando ")
    assert err.count("Error: ") == 1
    assert message.endswith("\n")
    assert message.count("\n") == 1
    return message


TEXTS = {
    "linear(0, 1, steps=-1)": "Linear: `steps` must be 0 or more, got -1",
    "linear(0, 1, steps=2.5)": "Linear: `steps` must be a whole number, got 2.5",
    "linear(0, 1, steps=nan)": "got 'nan'",
    "linear(0, 1, steps=inf)": "Linear: `steps` must be finite, got inf",
    "linear(0, 1, steps='x')": "'x'",
    "linear(0, 1, steps=x)": "got 'x'",
    "constant(-1)": "Constant: `value` must be 0 or more, got -1",
    "constant(nan)": "got 'nan'",
    "linaer(0, 1, steps=3)": "did you mean 'linear'?",
    "linear(0, 1, stpes=3)": "did you mean 'steps'?",
    "linear(0, 1)": "Linear: `steps` is missing",
    "linear(0, [1], steps=3)": "Linear: `end` must be a number",
    "keras_tip.one_cylce": "did you mean 'keras_tip.one_cycle'?",
    "one_cycle": "one_cycle: missing a required argument: 'peak'",
    "__import__('os')": "'__import__'",
    "(" * DEEP + "constant(1)" + ")" * DEEP: "nested more than",
    "scale(" * DEEP + "constant(1)" + ", 1)" * DEEP: "nested more than",
    "[" * DEEP: "nested more than",
    "linear(0, 1, steps=3": "expected",
    "constant(1)\0": "has no meaning here",
    "constant(\n-1\n)": "Constant: `value` must be 0 or more, got -1",
    "a=": "got 'a'",
    "": "expected a schedule",
    "missing.json": "missing.json: No such file or directory",
    ".": "has no meaning here",
}


@pytest.mark.parametrize("command", ["show", "table"])
@pytest.mark.parametrize("text", TEXTS, ids=lambda text: ascii(text)[:30])
def test_text(command, text):
    message = refuse(command, text)
    assert TEXTS[text].rstrip(".") in message or TEXTS[text] == "has no meaning here"
    assert len(message) < 1000


def linear(steps, **fields):
    given = {"start": 0, "end": 1, "steps": steps, **fields}
    return {name: value for name, value in given.items() if value is not None}


def json_of(fields):
    inner = "".join(f', "{name}": {value}' for name, value in fields.items())
    return f'{{"type": "linear"{inner}}}'


def yaml_of(fields):
    return "type: linear\n" + "".join(f"{name}: {value}\n" for name, value in fields.items())


def toml_of(fields):
    return 'type = "linear"\n' + "".join(f"{name} = {value}\n" for name, value in fields.items())


FORMATS = {".json": json_of, ".yaml": yaml_of, ".toml": toml_of}
NAN = {".json": "NaN", ".yaml": ".nan", ".toml": "nan"}
INFINITE = {".json": "Infinity", ".yaml": ".inf", ".toml": "inf"}

FIELDS = {
    "-1": (linear(-1), "`steps` must be 0 or more, got -1"),
    "2.5": (linear(2.5), "`steps` must be a whole number, got 2.5"),
    "NaN": (linear(NAN), "NaN"),
    "infinite": (linear(INFINITE), "finite"),
    "text": (linear('"x"'), "`steps` must be a whole number or a duration: cannot read 'x'"),
    "true": (linear("true"), "`steps` must be a whole number, got True"),
    "list": (linear("[]"), "`steps` must be a whole number, got []"),
    "negative rate": (linear(3, end=-0.1), "`end` must be 0 or more, got -0.1"),
    "NaN rate": (linear(3, end=NAN), "NaN"),
    "unknown field": (linear(3, stpes=4), "unknown field 'stpes'"),
    "missing field": (linear(None), "`steps` is missing"),
    "twice": (linear(3, type='"cosine"'), ""),
}


@pytest.mark.parametrize("suffix", FORMATS)
@pytest.mark.parametrize("name", FIELDS)
def test_fields_in_files(tmp_path, suffix, name):
    fields, expected = FIELDS[name]
    fields = {key: v[suffix] if isinstance(v, dict) else v for key, v in fields.items()}
    path = tmp_path / f"bad{suffix}"
    path.write_text(FORMATS[suffix](fields))
    message = refuse("show", path)
    assert message.startswith(f"{path}: ")
    assert expected.lower() in message.lower()


CONTENTS = {
    "deep.json": '{"type": "scale", "factor": 1, "schedule": ' * DEEP + "1" + "}" * DEEP,
    "deep list.json": "[" * DEEP,
    "deep.yaml": "{type: scale, factor: 1, schedule: " * DEEP + "1" + "}" * DEEP,
    "deep list.yaml": "[" * DEEP + "]" * DEEP,
    "deep.toml": "type = " + "[" * DEEP + "]" * DEEP,
    "deep table.toml": "a = " + "{a = " * DEEP + "1" + "}" * DEEP,
    "dotted.toml": ".".join(["a"] * DEEP) + " = 1",
    "truncated.json": '{"type": "linear", "start": 0, "en',
    "truncated.yaml": "type: linear\nstart: [0",
    "truncated.toml": 'type = "linear\n',
    "empty.json": "",
    "empty.yaml": "",
    "empty.toml": "",
    "binary.json": bytes(range(256)),
    "binary.yaml": bytes(range(256)),
    "binary.toml": bytes(range(256)),
    "number.json": "3",
    "list.yaml": "[]",
    "unknown.json": '{"type": "linaer"}',
    "code.yaml": "!!python/object/apply:os.system ['touch pwned']",
    "alias.yaml": "a: &a [1]\nb: *a",
    "suffix.txt": "constant(1)",
    "no suffix": "constant(1)",
}


@pytest.mark.parametrize("name", CONTENTS)
def test_contents_of_files(tmp_path, monkeypatch, name):
    monkeypatch.chdir(tmp_path)
    content = CONTENTS[name]
    path = tmp_path / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    message = refuse("show", name)
    assert message.startswith(f"{name}: ")
    assert len(message) < 1000
    assert os.listdir() == [name]


def test_a_folder_as_a_schedule(tmp_path):
    (tmp_path / "folder.json").mkdir()
    assert refuse("show", tmp_path / "folder.json").endswith("folder.json: Is a directory\n")


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["--from", "-1"], "'--from': it must be 0 or more, got -1"),
        (["--to", "-1"], "'--to': it must be 0 or more, got -1"),
        (["--to", "2.5"], "'--to': it must be a whole number, got 2.5"),
        (["--to", "nan"], "'--to': it must be a whole number, got nan"),
        (["--to", "inf"], "'--to': it must be finite, got inf"),
        (["--to", "x"], "'--to': it must be a whole number, got 'x'"),
        (["--to", "1e300"], "'--to': it must be at most"),
        (["--every", "0"], "'--every': it must be 1 or more, got 0"),
        (["--evry", "1"], "'--every'"),
        (["--to"], "'--to' requires an argument"),
    ],
)
def test_steps_of_a_table(arguments, expected):
    assert expected in refuse("table", "constant(1)", *arguments)


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["shwo", "constant(1)"], "no command is called 'shwo'; did you mean 'show'?"),
        (["show"], "Missing argument"),
        (["plot", "constant(1)"], "Missing option '-o'"),
        (["plot", "constant(1)", "-o", "c.html", "--unit", "batch"], "'batch' is not one of"),
        (["plot", "constant(1)", "-o", "c.html", "--steps", "0"], "'--steps'"),
        (["plot", "constant(1)", "-o", "c.gif"], "the suffix must be .html, .svg, .pdf or .png"),
        (["families", "cosinus"], "did you mean 'cosine'?"),
        (["families", "StepLR"], "did you mean 'torch.StepLR'?"),
        (["show", "cosine_annealing_lr"], "did you mean 'torch.CosineAnnealingLR'?"),
        (["show", "onecycle"], "did you mean 'one_cycle'?"),
        (["cite", "cosine"], "must be a known schedule, got 'cosine'"),
        (["cite", "sgdr2"], "did you mean 'sgdr'?"),
        (["plot", "linear(1, 0, steps=4).strict()", "--steps", "9", "-o", "c.html"], "at most 4"),
    ],
)
def test_usage(arguments, expected):
    assert expected in refuse(*arguments)


def test_a_function_of_ones_own_cannot_be_named():
    assert "os.system" in refuse("show", "os.system('true')")


def test_output_that_cannot_be_written(tmp_path):
    (tmp_path / "file").write_text("whole")
    (tmp_path / "folder.html").mkdir()
    for name, reason in {
        "missing/chart.html": "No such file or directory",
        "file/chart.html": "Not a directory",
        "folder.html": "Is a directory",
    }.items():
        path = tmp_path / name
        assert refuse("plot", "keras_tip", "-o", path) == f"{path}: {reason}\n"
    assert sorted(os.listdir(tmp_path)) == ["file", "folder.html"]
    assert (tmp_path / "file").read_text() == "whole"


@pytest.mark.skipif(sys.platform != "linux", reason="/proc is Linux's")
def test_a_read_only_folder():
    # nobody may write there, not even root
    assert refuse("plot", "keras_tip", "-o", "/proc/chart.html").startswith("/proc/chart.html: ")


def test_no_library_for_a_picture(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    path = tmp_path / "chart.png"
    path.write_text("old")
    message = refuse("plot", "keras_tip", "-o", path)
    assert 'needs matplotlib: pip install "glissando[plot]"' in message
    assert path.read_text() == "old"


def test_no_plotly(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "plotly.graph_objects", None)
    message = refuse("plot", "keras_tip", "-o", tmp_path / "chart.html")
    assert message == 'a chart needs plotly: pip install "glissando[plot]"\n'


@pytest.mark.parametrize(
    "arguments",
    [
        ["show", "linear(0, 1, steps=-1)"],
        ["show", "__import__('os')"],
        ["show", "scale(" * DEEP],
        ["show", "deep.json"],
        ["show", "deep.yaml"],
        ["show", "deep.toml"],
        ["show", "binary.json"],
        ["plot", "keras_tip", "-o", "missing/chart.html"],
        ["plot", "keras_tip", "-o", "deep.json/chart.html"],
        ["table", "constant(1)", "--from", "-1"],
        ["tabel"],
    ],
    ids=lambda arguments: " ".join(arguments)[:30],
)
def test_in_a_process_of_its_own(tmp_path, arguments):
    for name in ("deep.json", "deep.yaml", "deep.toml", "binary.json"):
        content = CONTENTS[name]
        (tmp_path / name).write_bytes(content if isinstance(content, bytes) else content.encode())
    process(*arguments, cwd=tmp_path)
    assert len(os.listdir(tmp_path)) == 4


def test_the_library_raises_what_the_commands_print(tmp_path):
    with pytest.raises(gl.ScheduleError, match="did you mean 'linear'"):
        gl.parse("linaer(0, 1, steps=3)")


@pytest.mark.parametrize(
    ("plan", "message"),
    [
        ("", "'' must be one of batch, samples,"),
        ("steps", "plan: `steps` must be a whole number, got ''"),
        ("stps=5", "'stps=5' must be one of batch, samples,"),
        ("steps=5,steps=6", "'steps=6' must be one of batch, samples, accumulate"),
        ("steps=0", "plan: `steps` must be 1 or more, got 0"),
        ("epochs=3", "plan: `epochs` need `samples`"),
        ("steps=5, drop_last=1", "`drop_last` must be True or False, got 1"),
        ("steps=5", "'3 epochs': the plan lacks `samples`"),
    ],
)
def test_bad_plans(plan, message):
    assert message in refuse("table", "linear(0, 1, 3 epochs)", "--plan", plan)


def test_a_duration_without_a_plan():
    assert "pass plan=gl.plan(...), or --plan" in refuse("show", "linear(0, 1, steps=3%)")
