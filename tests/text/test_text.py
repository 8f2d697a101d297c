"""Text in, schedules out: what cannot be read is refused in one clear message."""

import contextlib
import json
import os
import stat

import pytest
from hypothesis import given
from hypothesis import strategies as st

import glissando as gl
import strategies
from glissando.text.files import write_whole

WARM = gl.Linear(0.0, 1e-3, steps=500) >> gl.Cosine(1e-3, 1e-5, steps=9_500)

TEXTS = {
    "linear(0,1,steps=-1)": "Linear: `steps` must be 0 or more, got -1",
    "linear(0,1,steps=1e400)": "Linear: `steps` must be finite, got inf",
    "lineer(0,1,2)": "did you mean 'linear'?",
    "linear(0,1)": "Linear: `steps` is missing",
    "linear(0,1,2,3)": "Linear: takes at most 3 arguments, got 4",
    "linear(0,1,2,end=3)": "Linear: `end` is given twice",
    "linear(0,1,steps=2,steps=3)": "`steps` is given twice",
    "linear(start=0,1,2)": "an argument without a name must come before those with one",
    "linear(0,1,step=2)": "Linear: unknown argument 'step'; did you mean 'steps'?",
    "__import__('os')": "column 1: the name must be a known schedule, got '__import__'",
    "__import__(1)": "must be a known schedule, got '__import__'",
    "linear.__class__": "expected '(', got '.'",
    "linear(0,1,2).__class__()": "expected one of bounce, clip",
    "(" * 10_000: "nested more than 32 deep",
    "linear(" * 10_000: "nested more than 32 deep",
    "[" * 10_000: "nested more than 32 deep",
    "-" * 10_000 + "1": "expected a number after '-', got '-'",
    "linear(0,1,9)" + ".take(5)" * 10_000: "Take: schedules may be nested 32 deep, got 33",
    "linear(0,1,9)" + "*0.9" * 10_000: "Scale: schedules may be nested 32 deep, got 33",
    "linear(0,1,2) >> ": "expected a schedule, a number or a list, got 'the end'",
    "linear(0,1,2": "expected ')', got 'the end'",
    "linear(0,1,2) linear(0,1,2)": "expected the end, got 'linear'",
    "": "expected a schedule, a number or a list, got 'the end'",
    "3": "expected a schedule, got 3",
    "3 * 4": "'*' needs a schedule on one side",
    "linear(0,1,2) * [3]": "'*' takes schedules and numbers only",
    "linear(0,1,2) >> 3": "Chain: `parts`[1] must be a schedule, got 3",
    "linear(0,1,2).bounce(3)": "bounce takes no arguments",
    "keras_tip.one_cycel": "did you mean 'keras_tip.one_cycle'?",
    "keras_tip.one_cycle(max=3)": "keras_tip.one_cycle: ",
    "linear(0,1,2);x": "column 14: ';' has no meaning here",
}


@pytest.mark.parametrize(("text", "message"), TEXTS.items(), ids=[text[:30] for text in TEXTS])
def test_text_form_refuses(text, message):
    with pytest.raises(gl.ScheduleError) as caught:
        gl.parse(text)
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


def test_text_form_reads():
    assert gl.parse(" linear( 0, 1e-3 ,steps = 5_00 )>>cosine(1e-3,1e-5,steps=9500,)\n") == WARM
    assert gl.parse("(linear(0, 1, 4) >> constant(1)) * 0.5 + 1") == (
        (gl.Linear(0, 1, 4) >> gl.Constant(1)) * 0.5 + 1
    )
    assert gl.parse("linear(0, 1, 4).repeat(3, scale=.5).clip(ceiling=inf)") == (
        gl.Linear(0, 1, 4).repeat(3, scale=0.5).clip()
    )
    assert gl.parse("linear(0, 1, 4).bounce()") == gl.Linear(0, 1, 4).bounce()
    assert gl.parse("piecewise([1, 2], [3])") == gl.Piecewise([1, 2], [3])
    assert gl.parse("keras_tip.one_cycle") == gl.recipes.keras_tip.one_cycle()
    assert gl.parse("wsd(1, 10, 2, 4, shape='sqrt')") == gl.recipes.wsd(1, 10, 2, 4, "sqrt")
    assert gl.parse("keras_tip.constant(0.5)") == gl.Constant(0.5)
    assert gl.parse("chain([]) >> constant(1)") == gl.Constant(1)


@given(text=st.text(alphabet="linear(0,1e-3=steps)>>*+.[]_ \n'\"#", max_size=60))
def test_text_form_never_fails_otherwise(text):
    with contextlib.suppress(gl.ScheduleError):
        assert isinstance(gl.parse(text), gl.Schedule)


JSONS = {
    "{": "not valid JSON: ",
    "": "not valid JSON: ",
    "[]": "schedule must be an object with a `type`, got []",
    "null": "schedule must be an object with a `type`, got None",
    "{}": "schedule must have a `type`",
    '{"type": 3}': "schedule.type must be a name in quotes, got 3",
    '{"type": "lin"}': "did you mean 'linear'?",
    '{"type": "linear", "start": 0}': "Linear: `end` is missing",
    '{"type": "linear", "start": 0, "end": 1, "steps": 2, "step": 1}': "did you mean 'steps'?",
    '{"type": "linear", "start": 0, "end": 1, "steps": 2.5}': "`steps` must be a whole number",
    '{"type": "linear", "start": 0, "end": 1, "steps": "2"}': "whole number or a duration: ",
    '{"type": "linear", "start": true, "end": 1, "steps": 2}': "`start` must be a number, got True",
    '{"type": "linear", "start": NaN, "end": 1, "steps": 2}': "a number must be finite, got NaN",
    '{"type": "linear", "start": 0, "end": 1e999, "steps": 2}': "`end` must be finite, got inf",
    '{"type": "linear", "type": "sum"}': "field 'type' is given twice",
    '{"type": "chain", "parts": 3}': "schedule.parts must be a list of schedules, got 3",
    '{"type": "chain", "parts": [3]}': "schedule.parts[0] must be an object with a `type`, got 3",
    '{"glissando": 2, "type": "constant", "value": 1}': "`glissando` must be 1, the version",
    "[" * 10_000: "nested too deep",
    '{"type": "reverse", "schedule": ' * 10_000: "nested too deep",
    '{"type": "reverse", "schedule": ' * 200 + "1" + "}" * 200: "may be nested 32 deep",
    "1" * 5_000: "not valid JSON: ",
}


@pytest.mark.parametrize(("text", "message"), JSONS.items(), ids=[text[:40] for text in JSONS])
def test_json_refuses(text, message):
    with pytest.raises(gl.ScheduleError) as caught:
        gl.loads(text)
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


FILES = {
    "a.yaml": {
        "type: linear\nstart: 0\nend: [1": "not valid YAML: ",
        "- 1": "schedule must be an object with a `type`, got [1]",
        "a: &x 1\ntype: *x": "YAML aliases (*name) are not read",
        "type: constant\ntype: linear": "field 'type' is given twice",
        "type: !!python/object/apply:os.system ['true']": "not valid YAML: ",
        "type: constant\nvalue: .nan": "Constant: `value` must be a number, got nan",
        "[" * 10_000: "nested too deep",
    },
    "a.toml": {
        "type = ": "not valid TOML: ",
        "value = 1": "schedule must have a `type`",
        'type = "constant"\nvalue = nan': "Constant: `value` must be a number, got nan",
        "a = " + "[" * 10_000: "nested too deep",
    },
    "a.json": {"\xff": "not valid JSON", "": "not valid JSON"},
    "a.ini": {"": "the suffix must be .json, .yaml, .yml or .toml, got '.ini'"},
}


@pytest.mark.parametrize(
    ("name", "text", "message"), [(n, t, m) for n, cases in FILES.items() for t, m in cases.items()]
)
def test_files_refuse(tmp_path, name, text, message):
    path = tmp_path / name
    path.write_text(text)
    with pytest.raises(gl.ScheduleError) as caught:
        gl.load(path)
    assert message in str(caught.value)
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)
    assert path.read_text() == text


@pytest.mark.parametrize("suffix", ["json", "yaml", "toml"])
def test_every_cut_of_a_file_is_refused_or_whole(tmp_path, suffix):
    path = tmp_path / f"schedule.{suffix}"
    gl.save(WARM, path)
    content = path.read_bytes()
    for end in range(len(content)):
        path.write_bytes(content[:end])
        try:
            loaded = gl.load(path)
        except gl.ScheduleError:
            continue
        # what is cut may still be a valid schedule, but never one with a cut number unseen
        assert content[:end].rstrip() == content.rstrip() or loaded != WARM


def test_binary_files_are_refused(tmp_path):
    path = tmp_path / "schedule.json"
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(gl.ScheduleError, match="must be text in UTF-8"):
        gl.load(path)


def test_yaml_reads_numbers_as_people_write_them(tmp_path):
    path = tmp_path / "schedule.yml"
    path.write_text("type: linear\nstart: 0\nend: 1e-3\nsteps: 500\n")
    assert gl.load(path) == gl.Linear(0, 1e-3, 500)


def test_a_failed_write_leaves_the_old_file_whole(tmp_path, monkeypatch):
    path = tmp_path / "schedule.json"
    gl.save(WARM, path)
    before = path.read_bytes()

    def full(_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space left"):
        gl.save(gl.Constant(1), path)
    assert path.read_bytes() == before
    assert [p.name for p in tmp_path.iterdir()] == ["schedule.json"]


def test_writing_keeps_the_mode_and_follows_the_umask(tmp_path):
    path = tmp_path / "schedule.json"
    old = os.umask(0o027)
    try:
        write_whole(path, b"1")
        assert stat.S_IMODE(path.stat().st_mode) == 0o640
        path.chmod(0o600)
        write_whole(path, b"2")
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    finally:
        os.umask(old)


@given(schedule=strategies.schedules)
def test_json_is_plain_data(schedule):
    data = schedule.to_data()
    assert json.loads(json.dumps(data, allow_nan=False)) == data
    assert json.loads(gl.dumps(schedule)) == {"glissando": 1, **data}
