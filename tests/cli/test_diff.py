"""What `glissando diff` says, and its exit code."""

import json
import re

from click.testing import CliRunner

import glissando as gl
from glissando.cli import main

A = "linear(0, 1e-3, steps=500) >> cosine(1e-3, 1e-5, steps=9500)"
B = "linear(0, 1e-3, steps=400) >> cosine(1e-3, 1e-5, steps=9600)"


def diff(*arguments):
    """The exit code and what is printed."""
    result = CliRunner().invoke(main, ["diff", *arguments])
    assert result.exit_code in (0, 1), result.output
    assert result.stderr == ""
    return result.exit_code, result.stdout


def test_two_schedules_that_differ():
    code, text = diff(A, B, "--per-epoch", "100")
    assert code == 1
    assert f"a A: {A}\nb B: {B}\n" in text
    assert re.search(r"^First:    step 1 \(epoch 0.01\): A 2e-06, B 2.5e-06$", text, re.M)
    assert re.search(r"^Largest:  step 400 \(epoch 4\): 0.0002, 0.2 of the highest", text, re.M)
    assert re.search(r"^Length:   10,000 steps, both$", text, re.M)
    assert re.search(r"^End:      1e-05, both$", text, re.M)
    assert re.search(r"^Compared: every step from 0 to 10,000, and \d+ up to", text, re.M)


def test_equal_schedules_are_not_drawn():
    assert diff(A, A) == (0, "Equal: they are the same schedule.\n")
    code, text = diff("constant(0.5)", "constant(1) * 0.5")
    assert code == 0
    assert text.startswith("Equal: no rate differs in any bit.\nCompared: every step from 0 to")
    code, text = diff("constant(0.3)", "constant(0.1) * 3", "--tolerance", "1e-12")
    assert (code, text.partition(":")[0]) == (0, "Equal to within 1e-12 of the highest rate")
    assert diff("constant(0.3)", "constant(0.1) * 3")[0] == 1


def test_a_relation_and_an_end_are_said():
    assert "\nB is A times 3.\n" in diff(A, f"({A}) * 3")[1]
    assert "\nB is A a step later.\n" in diff(A, f"constant(0, steps=1) >> {A}")[1]
    assert "; equal until both end\n" in diff("linear(1, 0, 5)", "linear(1, 0, 5).strict()")[1]
    assert "B has no rate" in diff("linear(1, 0, 5)", "linear(1, 0, 5).strict()")[1]
    text = diff("keras_tip.one_cycle", "constant(1)", "--per-epoch", "391")[1]
    assert "A counts epochs, and B steps: to compare them by steps, write" in text
    assert "'keras_tip.one_cycle().hold_each(391)'" in text


def test_rates_that_look_alike_are_printed_in_full():
    text = diff("constant(0.3)", "constant(0.1) * 3")[1]
    assert "First:    step 0: A 0.3, B 0.30000000000000004\n" in text


def test_another_frameworks_name_against_the_schedule_that_it_is():
    transformers = "transformers.get_linear_schedule_with_warmup(optimizer, 500, 9000, lr=1e-3)"
    assert diff(transformers, "linear(0, 1e-3, 500) >> linear(1e-3, 0, 8500)")[0] == 0


def test_as_json():
    code, text = diff("--json", f"mine={A}", B)
    found = json.loads(text)
    a, b = gl.parse(A), gl.parse(B)
    assert code == 1
    assert found["a"] == {
        "name": "mine", "schedule": str(a), "unit": "step", "steps": 10_000, "end": 1e-5
    }  # fmt: skip
    assert found["first"] == {"step": 1, "a": a(1), "b": b(1)}
    assert found["largest"]["relative"] == (b(400) - a(400)) / 1e-3
    assert found["compared"]["every_step_to"] == 10_000
    assert json.loads(diff("--json", A, A)[1])["compared"] is None


def test_bad_usage():
    for arguments, message in {
        (A,): "diff takes two schedules, got 1",
        ("keras_tip",): "diff takes two schedules, got 5",
        (A, "linaer(1)"): "did you mean 'linear'?",
        (A, B, "--tolerance", "2"): "2.0 is not in the range 0<=x<1",
        (A, B, "--per-epoch", "3", "--plan", "samples=100,batch=10,epochs=1"): "have 10 steps",
    }.items():
        result = CliRunner().invoke(main, ["diff", *arguments])
        assert (result.exit_code, result.stdout) == (2, "")
        assert message in result.stderr
