"""Schedules in what other libraries read: OmegaConf and Hydra, argparse, jsonargparse, click."""

import argparse
import collections
import copy
import functools
import pickle
import subprocess
import sys
import types

import click
import jsonargparse
import numpy as np
import pytest
from click.testing import CliRunner
from hydra.utils import instantiate
from omegaconf import OmegaConf

import glissando as gl
from glissando.adapters.shared.resume import ScheduleMismatch

WARM = gl.Linear(0.0, 0.1, steps=5) >> gl.Piecewise([0.1, 0.05], [3])
DATA = WARM.to_data()


class Own(collections.abc.Sequence):
    """A sequence that is no list."""

    def __init__(self, members):
        self.members = members

    def __getitem__(self, index):
        return self.members[index]

    def __len__(self):
        return len(self.members)


def like(data, mapping, sequence):
    """Return data in other mappings and sequences."""
    if isinstance(data, dict):
        return mapping({name: like(value, mapping, sequence) for name, value in data.items()})
    if isinstance(data, list):
        return sequence(like(member, mapping, sequence) for member in data)
    return data


@pytest.mark.parametrize(
    ("mapping", "sequence"),
    [
        (types.MappingProxyType, tuple),
        (collections.UserDict, collections.UserList),
        (collections.OrderedDict, collections.deque),
        (collections.ChainMap, list),
        (dict, lambda members: Own(list(members))),
    ],
)
def test_any_mapping_and_any_sequence_is_data(mapping, sequence):
    assert gl.from_data(like(DATA, mapping, sequence)) == WARM


def test_numbers_of_numpy_and_ranges_are_data():
    for values, boundaries in (
        ((np.float64(0.1), np.float32(0.5)), (np.int64(3),)),
        (np.array([0.1, 0.5]), range(3, 4)),
        ([0.1, 0.5], np.array([3], dtype=">i4")),
    ):
        data = {"type": "piecewise", "values": values, "boundaries": boundaries}
        assert gl.from_data(data) == gl.Piecewise(list(values), list(boundaries))


def test_schedules_may_stand_in_data():
    assert gl.from_data({"type": "chain", "parts": (LINE, "constant(1)")}) == LINE >> gl.Constant(1)
    assert gl.from_data(str(WARM)) == WARM


def test_omegaconf_is_data_with_what_it_refers_to():
    config = OmegaConf.create(
        {"peak": 0.1, "lr": {"type": "linear", "start": 0, "end": "${peak}", "steps": 5}}
    )
    assert gl.from_data(config.lr) == gl.Linear(0, 0.1, 5)
    assert gl.from_data(OmegaConf.create(DATA)) == WARM
    numbers = OmegaConf.create([1, 0.5]), OmegaConf.create([3])
    assert gl.Piecewise(*numbers) == gl.Piecewise([1, 0.5], [3])


@pytest.mark.parametrize("text", ["ab", b"ab", {1, 2}, {"a": 1}, 3, None])
def test_what_is_no_sequence_is_no_list_of_rates(text):
    with pytest.raises(gl.ScheduleError, match="`values` must be a list of rates, got"):
        gl.Piecewise(text, [3])


TARGETS = """
peak: 0.1
chain:
  _target_: glissando.Chain
  parts:
  - {_target_: glissando.Linear, start: 0, end: "${peak}", steps: 5}
  - {_target_: glissando.Piecewise, values: [0.1, 0.05], boundaries: [3]}
minimum:
  _target_: glissando.Minimum
  parts:
  - {_target_: glissando.parse, text: "linear(0, 0.1, steps=5)"}
  - {_target_: glissando.Constant, value: 0.05}
repeat: {_target_: glissando.Repeat, schedule: "${chain.parts[0]}", times: 3}
text: {_target_: glissando.parse, text: "linear(0, 1e-3, steps=500)"}
data: {_target_: glissando.from_data, data: {type: wsd, peak: 1, steps: 9, warmup: 2, cooldown: 3}}
recipe: {_target_: glissando.recipes.wsd, peak: 1, steps: 9, warmup: 2, cooldown: 3}
tip: {_target_: glissando.recipes.keras_tip.one_cycle}
dialect: {_target_: glissando.dialects.torch.MultiStepLR, milestones: [3, 5], lr: 0.1}
"""

LINE = gl.Linear(0, 0.1, 5)

EXPECTED = {
    "chain": WARM,
    "minimum": gl.Minimum([LINE, gl.Constant(0.05)]),
    "repeat": LINE.repeat(3),
    "text": gl.Linear(0, 1e-3, 500),
    "data": gl.recipes.wsd(1, 9, 2, 3),
    "recipe": gl.recipes.wsd(1, 9, 2, 3),
    "tip": gl.recipes.keras_tip.one_cycle(),
    "dialect": gl.dialects.torch.MultiStepLR([3, 5], lr=0.1),
}


@pytest.mark.parametrize("convert", ["none", "partial", "object", "all"])
@pytest.mark.parametrize("name", EXPECTED)
def test_hydra_builds_schedules_with_and_without_convert(name, convert):
    assert instantiate(OmegaConf.create(TARGETS)[name], _convert_=convert) == EXPECTED[name]


@pytest.mark.parametrize(
    ("type_", "text", "reason"),
    [
        (gl.parse, "linaer(0, 1, 5)", "did you mean 'linear'?"),
        (functools.partial(gl.parse, plan=gl.plan(steps=9)), "linear(0, 1)", "`steps` is missing"),
        (gl.load, "rate.ini", "the suffix must be .json, .yaml, .yml or .toml, got '.ini'"),
        (gl.duration, "3 lightyears", "cannot read '3 lightyears'"),
        (lambda text: gl.Cosine(float(text), 0, 9), "1e99", "`start` must be at most 1e+30"),
        (gl.parse, "torch.ReduceLROnPlateau", "it follows a metric"),
    ],
)
def test_argparse_prints_our_message(capsys, type_, text, reason):
    parser = argparse.ArgumentParser()
    parser.add_argument("--lr", type=type_)
    with pytest.raises(SystemExit) as caught:
        parser.parse_args(["--lr", text])
    told = capsys.readouterr().err
    assert caught.value.code == 2
    assert "argument --lr: " in told
    assert reason in told
    assert "invalid" not in told


def test_argparse_takes_a_text():
    parser = argparse.ArgumentParser()
    parser.add_argument("--lr", type=gl.parse, default="constant(1)")
    assert parser.parse_args([]).lr == gl.Constant(1)
    assert parser.parse_args(["--lr", "linear(0, 0.1, 5)"]).lr == LINE


def test_errors_are_the_same_with_argparse_and_without():
    class Mine(gl.ScheduleError):
        def __init__(self, words, *, step):
            super().__init__(words)
            self.step = step

    found = [
        gl.ScheduleError("words"),
        ScheduleMismatch("words", saved=None, new=LINE, step=3),
        gl.dialects.NotRepresentable("words"),
    ]
    for error in found:
        assert isinstance(error, argparse.ArgumentTypeError)
        assert type(error).__qualname__ in ("ScheduleError", "ScheduleMismatch", "NotRepresentable")
        for other in (copy.copy(error), pickle.loads(pickle.dumps(error))):
            assert (type(other), str(other)) == (type(error), "words")
    assert pickle.loads(pickle.dumps(found[1])).step == 3
    assert Mine("words", step=5).step == 5
    code = (
        "import sys, glissando as gl\n"
        "try: gl.parse('x')\n"
        "except gl.ScheduleError as error: assert type(error) is gl.ScheduleError\n"
        "assert 'argparse' not in sys.modules and 'jsonargparse' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def parsed(kind, *words):
    parser = jsonargparse.ArgumentParser(exit_on_error=False)
    parser.add_argument("--lr", type=kind)
    parser.add_argument("--config", action="config")
    found = parser.parse_args(list(words))
    assert parser.parse_string(parser.dump(found)).lr == found.lr
    return found.lr


@pytest.mark.parametrize("kind", [gl.Schedule, gl.Schedule | None, gl.Schedule | str])
def test_jsonargparse_takes_the_text_form(kind):
    assert parsed(kind, "--lr", "linear(0, 0.1, steps=5)") == LINE
    assert parsed(kind, "--lr", "torch.StepLR(3, lr=0.1)") == gl.Staircase(0.1, 0.1, 3)


def test_jsonargparse_takes_data_and_files(tmp_path):
    assert parsed(gl.Schedule, "--lr", '{"type": "constant", "value": 1}') == gl.Constant(1)
    assert parsed(list[gl.Schedule], "--lr", '["constant(1)"]') == [gl.Constant(1)]
    for text in ("lr: linear(0, 0.1, 5)", "lr: {type: linear, start: 0, end: 0.1, steps: 5}"):
        (tmp_path / "config.yaml").write_text(text)
        assert parsed(gl.Schedule, "--config", str(tmp_path / "config.yaml")) == LINE


def test_jsonargparse_prints_our_message():
    with pytest.raises(argparse.ArgumentError, match="did you mean 'linear'"):
        parsed(gl.Schedule, "--lr", "linaer(0, 1, 5)")


@pytest.mark.parametrize(
    "imports",
    [
        "import jsonargparse, glissando as gl; kind = gl.Schedule",
        "import glissando as gl, jsonargparse; kind = gl.Schedule",
        "from glissando import Schedule as kind; import jsonargparse",
    ],
)
def test_jsonargparse_may_be_imported_before_or_after(imports):
    code = (
        f"{imports}\n"
        "def train(lr: kind, epochs: int = 3): print(repr(lr))\n"
        "jsonargparse.auto_cli(train, args=['linear(0, 0.1, 5)'])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert (done.stdout.strip(), done.stderr) == ("gl.Linear(0.0, 0.1, steps=5)", "")


def test_click_prints_our_message():
    @click.command()
    @click.option("--lr", type=gl.parse)
    def command(lr):
        click.echo(repr(lr))

    assert CliRunner().invoke(command, ["--lr", "linear(0, 0.1, 5)"]).output == f"{LINE!r}\n"
    told = CliRunner().invoke(command, ["--lr", "linaer(0, 1, 5)"])
    assert told.exit_code == 2
    assert "did you mean 'linear'?" in " ".join(told.output.split())


def test_a_module_that_fails_in_any_way_when_imported_is_told(tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(tmp_path)
    cases = {
        "no_syntax": ("def (", "SyntaxError: "),
        "no_name": ("nowhere", "NameError: name 'nowhere' is not defined"),
        "exits": ("import sys; sys.exit(3)", "SystemExit: 3"),
        "no_import": ("import nowhere_at_all", "No module named 'nowhere_at_all'"),
        "lazy": ("def __getattr__(name): raise KeyError(name)", "KeyError: 'rate'"),
        "no_bytes": ("\0", "null bytes"),
    }
    for name, (code, reason) in cases.items():
        (tmp_path / f"{name}.py").write_text(code)
        with pytest.raises(gl.ScheduleError) as caught:
            gl.parse(f"imported('{name}:rate')", allow_imports=[name])
        assert f"'{name}:rate' cannot be imported: " in str(caught.value)
        assert reason in str(caught.value)
