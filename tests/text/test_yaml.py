"""YAML: what its versions read alike, and what makes a short text long."""

import sys
import types

import pytest

import glissando as gl

CONSTANT = "type: constant\nvalue: "


@pytest.fixture(params=["C", "Python"])
def load(request, tmp_path, monkeypatch):
    """Read a text as a file, by libyaml and by PyYAML's own parser."""
    import yaml

    if request.param == "Python":
        monkeypatch.delattr(yaml, "CSafeLoader", raising=False)

    def read(text, key=None):
        path = tmp_path / "schedule.yaml"
        path.write_text(text)
        return gl.load(path, allow_imports=["math."], key=key)

    return read


def message(load, text, key=None):
    with pytest.raises(gl.ScheduleError) as caught:
        load(text, key)
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 600
    return str(caught.value)


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("1e-3", 1e-3),
        ("1.0e-3", 1e-3),
        ("1E3", 1000),
        (".5", 0.5),
        ("5.", 5),
        ("+2", 2),
        ("-0", 0),
        ("0", 0),
        ("0.25", 0.25),
        ("1_000", 1000),
        ("!!float 1", 1),
        ("!!int 3", 3),
        ("!!float '1e-3'", 1e-3),
    ],
)
def test_numbers_are_read_as_they_are_written(load, written, value):
    assert load(CONSTANT + written) == gl.Constant(value)


@pytest.mark.parametrize("written", ["0100", "-010", "00", "08", "0_1", "0o10", "0x10", "0b11"])
def test_octal_and_other_bases_are_not_silently_another_number(load, written):
    assert f"'{written}' is another number in base 2, 8, 16 or 60; write numbers in decimal" in (
        message(load, CONSTANT + written)
    )


@pytest.mark.parametrize("written", ["1:30", "190:20:30", "-1:30", "1:30.5", "0:00"])
def test_minutes_and_seconds_are_not_silently_a_number(load, written):
    assert "in base 2, 8, 16 or 60" in message(load, CONSTANT + written)


@pytest.mark.parametrize("written", ["yes", "No", "ON", "off"])
def test_a_word_that_may_be_true_or_text_is_told(load, written):
    assert f"'{written}' is true or false in YAML 1.1" in message(load, CONSTANT + written)


@pytest.mark.parametrize(
    ("written", "rule"),
    [
        ("2024-01-01", "must be a number, got '2024-01-01'"),
        ("'0100'", "must be a number, got '0100'"),
        ("true", "must be a number, got True"),
        ("~", "must be a number, got None"),
        (".nan", "must be a number, got nan"),
        ("-.inf", "must be finite, got -inf"),
        ("9" * 5_000, "must be finite, got inf"),
        ("1_" * 5_000, "must be a number, got '1_1_"),
    ],
)
def test_what_is_no_rate_is_told_by_its_rule(load, written, rule):
    assert rule in message(load, CONSTANT + written)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("? [1]\n: 2", "a key must be text, got a list or a mapping"),
        ("? {a: 1}\n: 2", "a key must be text, got a list or a mapping"),
        ("!!map", "the tag '!!map' is not read"),
        ("!!map [1]", "the tag '!!map' is not read"),
        (CONSTANT + "!!int ''", "'' is nothing for the tag !!int"),
        (CONSTANT + "!!float ''", "'' is nothing for the tag !!float"),
        (CONSTANT + "!!int 1.5", "'1.5' is nothing for the tag !!int"),
        (CONSTANT + "!!bool 1", "'1' is nothing for the tag !!bool"),
        (CONSTANT + "!!timestamp 2024-01-01", "the tag '!!timestamp' is not read"),
        (CONSTANT + "!!binary AAAA", "the tag '!!binary' is not read"),
        (CONSTANT + "!mine 1", "the tag '!mine' is not read"),
        ("!!set {a, b}", "the tag '!!set' is not read"),
        ("!!python/name:os.system ''", "the tag '!!python/name:os.system' is not read"),
        ('type: "\\q"', "not valid YAML: "),
        ("type: *nowhere", "not valid YAML: there is no anchor &nowhere"),
        ("type: constant\n---\ntype: linear", "several documents"),
        ("a: 1\na: 2", "field 'a' is given twice"),
        ("<<: 3", "`<<` must merge mappings"),
        ("\x01", "not valid YAML: "),
        ("", "must be an object with a `type`, got None"),
    ],
)
def test_odd_documents_are_refused(load, text, reason):
    assert reason in message(load, text)


def rate(step, **others):
    return 1.0


def test_text_that_looks_like_a_number_comes_back_as_text(tmp_path, monkeypatch):
    module = types.ModuleType("mine")
    module.rate = rate
    monkeypatch.setattr(rate, "__module__", "mine")
    monkeypatch.setitem(sys.modules, "mine", module)
    words = ["0100", "1:30", "1e-3", "0x10", "0o7", "yes", "~", ".inf", "2024-01-01", "1_0", "<<"]
    schedule = gl.Imported("mine:rate", {word: [word] for word in words})
    gl.save(schedule, tmp_path / "a.yaml")
    assert gl.load(tmp_path / "a.yaml", allow_imports=["mine"]) == schedule


LAUGHS = "a0: &a0 [x, x]\n" + "".join(f"a{i}: &a{i} [*a{i - 1}, *a{i - 1}]\n" for i in range(1, 60))


@pytest.mark.parametrize(
    "text",
    [
        "a: &x 1\ntype: *x",
        LAUGHS,
        LAUGHS + "type: chain\nparts: *a59",
        "&a [*a]",
        "type: chain\nparts: [&p {type: constant, value: 1, steps: 1}, *p]",
    ],
)
def test_an_alias_never_makes_a_schedule_longer_than_its_text(load, text):
    assert "YAML aliases (*name) are not read; write the part out" in message(load, text)


@pytest.mark.parametrize("deep", ["[", "- ", "{a: ", "? ", "{a: [", "a:\n "])
def test_deep_nesting_is_refused(load, deep):
    assert message(load, deep * 50_000)


TRAINING = """
model: resnet
port: 0100
code: !!python/object/apply:os.system ['true']
other: &other [1, 2]
again: [*other, *other]
base: &base {type: cosine, start: 0.1, end: 0}
peak: &peak 1e-3
optimizer:
  lr: "linear(0, 1e-3, steps=5) >> cosine(1e-3, 0, steps=95)"
  momentum: {<<: *base, steps: 100}
  decay: *base
  "weight.decay": constant(1)
  groups:
    - lr: {type: torch.StepLR, step_size: 30, lr: *peak}
    - {lr: {type: recipes.wsd, peak: 1, steps: 10, warmup: 2, cooldown: 3}}
  number: 0.001
"""


@pytest.mark.parametrize(
    ("key", "schedule"),
    [
        ("optimizer.lr", gl.Linear(0, 1e-3, 5) >> gl.Cosine(1e-3, 0, 95)),
        ("optimizer.momentum", gl.Cosine(0.1, 0, 100)),
        ("optimizer.weight.decay", gl.Constant(1)),
        ("optimizer.groups.0.lr", gl.Staircase(1e-3, 0.1, 30)),
        ("optimizer.groups[1].lr", gl.recipes.wsd(1, 10, 2, 3)),
    ],
)
def test_one_key_of_a_training_file_is_a_schedule(load, key, schedule):
    assert load(TRAINING, key) == schedule


@pytest.mark.parametrize(
    ("key", "reason"),
    [
        ("optimizer.lrr", "there is no key 'lrr' in 'optimizer'; did you mean 'lr'?"),
        ("optimiser", "there is no key 'optimiser'; did you mean 'optimizer'?"),
        ("optimizer.groups.2", "no key '2' in 'optimizer.groups', which is a list of 2"),
        ("model.x", "there is no key 'x' in 'model', which is no mapping"),
        ("optimizer.decay", "optimizer.decay: Cosine: `steps` is missing"),
        ("optimizer.number", "a rate that stays is 'constant(0.001)'"),
        ("port", "'0100' is another number"),
        ("code", "the tag '!!python/object/apply:os.system' is not read"),
        ("again", "YAML aliases (*name) are not read"),
        ("", "`key` must be names with dots between them, got ''"),
        ("a" * 2_000, "`key` must be names with dots between them"),
    ],
)
def test_a_key_without_a_schedule_is_told(load, key, reason):
    assert reason in message(load, TRAINING, key)
