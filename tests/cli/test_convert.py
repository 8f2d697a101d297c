"""What `glissando convert` writes."""

import json
import math

import pytest
from click.testing import CliRunner

import glissando as gl
from glissando.cli import main
from glissando.cli.convert import FORMS, TARGETS
from glissando.convert.write import targets

TEXT = "torch.optim.lr_scheduler.StepLR(optimizer, step_size=30, lr=0.1)"
RATE = gl.dialects.torch.StepLR(30, lr=0.1)


def run(*arguments):
    result = CliRunner().invoke(main, ["convert", *map(str, arguments)])
    return result.exit_code, result.stdout, result.stderr


def test_a_file_by_its_suffix_and_from_there_another(tmp_path):
    given = TEXT
    for suffix in (".json", ".yaml", ".toml", ".yml"):
        path = tmp_path / f"rate{suffix}"
        assert run(given, "-o", path) == (0, f"Wrote {path}\n", "")
        assert gl.load(path) == RATE
        given = path


def test_a_file_is_replaced_by_force_alone(tmp_path):
    path = tmp_path / "rate.yaml"
    path.write_text("mine")
    code, out, err = run(TEXT, "-o", path)
    assert (code, out) == (2, "")
    assert err.endswith(f"Error: {path} exists: pass --force to replace it\n")
    assert path.read_text() == "mine"
    assert run(TEXT, "-o", path, "--force")[0] == 0
    assert gl.load(path) == RATE


def test_every_target_is_printed_or_written_whatever_the_suffix(tmp_path):
    for target in (*FORMS, "python", "numpy", "torch", "keras", "optax", "transformers"):
        path = tmp_path / target
        code, out, _ = run(TEXT, "--to", target)
        assert code == 0
        assert out.endswith("\n")
        assert run(TEXT, "--to", target, "-o", path)[0] == 0
        assert path.read_text() == out


def test_what_is_printed_is_the_schedule():
    assert gl.loads(run(TEXT, "--to", "json")[1]) == RATE
    assert gl.parse(run(TEXT, "--to", "text")[1]) == RATE
    names = {}
    exec(run(TEXT, "--to", "glissando")[1], names)
    assert names["rate"] == RATE
    exec(run(TEXT, "--to", "python")[1], names)
    assert [names["rate"](t) for t in range(99)] == [RATE(t) for t in range(99)]
    exec(run(TEXT, "--to", "numpy")[1], names)
    assert math.isclose(names["rate"](60), RATE(60))


def test_a_certificate_stands_above_code_or_beside_what_has_no_comments():
    code, out, err = run(TEXT, "--to", "torch", "--verify")
    assert (code, err) == (0, "")
    assert out.startswith("# The learning rate staircase(0.1, ratio=0.1, every=30), written by")
    assert "# Verified by running PyTorch" in out
    code, out, err = run("constant(0.1)", "--to", "deepspeed")
    assert code == 0
    assert json.loads(out)["scheduler"]["params"]["warmup_max_lr"] == 0.1
    assert err.startswith("Compared by the formula of DeepSpeed's schedulers")


def test_a_configuration_that_cannot_say_it_names_the_setting():
    given = "constant(0.1, steps=5) >> linear(0.1, 1.0, steps=5)"
    code, out, err = run(given, "--to", "axolotl")
    assert (code, out) == (2, "")
    assert "axolotl: `lr_scheduler` cannot say a warm-up after another part" in err
    assert set(targets()) < set(TARGETS)


def test_durations_are_counted():
    text = "linear(0, 1, 10%) >> cosine(1, 0, rest)"
    counted = "linear(0.0, 1.0, steps=10) >> cosine(1.0, 0.0, steps=90)\n"
    assert run(text, "--plan", "steps=100", "--to", "text") == (0, counted, "")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((TEXT,), "say what to write it as: --to json|yaml"),
        ((TEXT, "-o", "rate.py"), "say what to write it as: --to json|yaml"),
        ((TEXT, "--to", "perl"), "'perl' is not one of"),
        ((TEXT, "--to", "json", "--verify"), "--verify runs a framework, and json is none"),
        (("keras_tip", "--to", "json"), "convert takes one schedule, got 5"),
    ],
)
def test_bad_usage(arguments, message):
    code, out, err = run(*arguments)
    assert (code, out) == (2, "")
    assert message in err
