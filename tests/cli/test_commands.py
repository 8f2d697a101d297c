"""What the commands print and write."""

import csv
import io
import json
import math
import re
from pathlib import Path

import pytest
from click.testing import CliRunner

import glissando as gl
from glissando.cli import COMMANDS, main

CHART = json.loads((Path(__file__).parents[1] / "data" / "chart.json").read_text())
WARMUP = "linear(0, 1e-3, steps=500) >> cosine(1e-3, 1e-5, steps=9500)"


def run(*arguments, **options):
    result = CliRunner().invoke(main, [str(argument) for argument in arguments], **options)
    assert result.exit_code == 0, result.output
    assert result.stderr == ""
    return result.stdout


def traces(page):
    """The data of the chart in a page."""
    call = page.rindex("Plotly.newPlot(")
    data, _ = json.JSONDecoder().raw_decode(page, page.index("[{", call))
    return data


def test_help_lists_every_command():
    text = run("--help")
    for name in COMMANDS:
        assert re.search(rf"^  {name} +\S", text, re.M)


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_an_example_in_its_help(name):
    assert f"Example: glissando {name} " in " ".join(run(name, "--help").split())


def test_version():
    assert run("--version") == f"glissando {gl.__version__}\n"


def test_show_draws_and_prints_landmarks():
    text = run("show", WARMUP)
    assert "⣀" in text
    assert "\x1b" not in text
    table = [line.split() for line in text.splitlines()[-6:]]
    assert table[:3] == [["step", "rate"], ["0", "0"], ["500", "0.001"]]
    assert table[3][:2] == ["10,000", "1e-05"]


def test_show_notes_what_is_probably_a_mistake():
    notes = [line for line in run("show", WARMUP).splitlines() if line.startswith("  note: ")]
    assert notes == ["  note: update 0 has rate 0 and changes nothing"]
    assert "note:" not in run("show", "keras_tip.one_cycle")


def test_show_says_where_the_curve_jumps_and_that_it_never_ends():
    text = run("show", "keras_tip.constant_then_exponential")
    assert re.search(r"^ +10  0\.000367879  jumps from 0\.001$", text, re.M)
    assert re.search("^ +never ends$", text, re.M)


def test_show_counts_the_corners_it_leaves_out():
    assert "980 more" in run("show", "cosine(1, 0, steps=10).repeat(1001)")
    assert "more corners" in run("show", "staircase(1, 0.5, every=3)")


def test_show_draws_all_recipes_of_a_source():
    text = run("show", "keras_tip")
    for name in gl.recipes.RECIPES:
        assert (f"\n{name}\n" in text) == name.startswith("keras_tip.")


@pytest.mark.parametrize("columns", ["20", "40", "80", "300"])
def test_show_fits_the_terminal(columns):
    text = run("show", WARMUP, env={"COLUMNS": columns})
    drawing = text.partition("\n\n")[0].splitlines()
    assert max(map(len, drawing)) == min(max(int(columns), 40), 120)


def test_show_as_json():
    assert json.loads(
        run("show", "--json", WARMUP, "jump=keras_tip.constant_then_exponential")
    ) == {
        WARMUP: {
            "schedule": str(gl.parse(WARMUP)),
            "unit": "step",
            "steps": 10_000,
            "landmarks": [
                {"step": 0, "rate": 0.0, "jump_from": None},
                {"step": 500, "rate": 0.001, "jump_from": None},
                {"step": 10_000, "rate": 1e-05, "jump_from": None},
            ],
            "more_corners": 0,
            "findings": [
                {
                    "rule": "zero-start",
                    "step": 0,
                    "message": "update 0 has rate 0 and changes nothing",
                }
            ],
        },
        "jump": {
            "schedule": str(gl.recipes.keras_tip.constant_then_exponential()),
            "unit": "step",
            "steps": None,
            "landmarks": [
                {"step": 0, "rate": 0.001, "jump_from": None},
                {"step": 10, "rate": 0.00036787944117144236, "jump_from": 0.001},
            ],
            "more_corners": 0,
            "findings": [
                {
                    "rule": "jump",
                    "step": 10,
                    "message": "the rate jumps from 0.001 to 0.000367879 at step 10",
                }
            ],
        },
    }


def test_show_names_epochs():
    shown = run("show", WARMUP, "--per-epoch", "250").splitlines()
    assert [line.split()[:3] for line in shown[-6:-2]] == [
        ["step", "epoch", "rate"], ["0", "0", "0"], ["500", "2", "0.001"], ["10,000", "40", "1e-05"]
    ]  # fmt: skip
    planned = "linear(0, 1, 2 epochs) >> linear(1, 0, rest)"
    assert re.search(
        "^ +782 +2  1$",
        run("show", planned, "--plan", "samples=50_000, batch=128, epochs=9"),
        re.M,
    )
    marks = json.loads(run("show", WARMUP, "--per-epoch", "250", "--json"))[WARMUP]["landmarks"]
    assert [mark["epoch"] for mark in marks] == [0, 2, 40]


def test_show_on_a_logarithmic_axis():
    falling = "linear(1, 1e-6, steps=100)"
    assert re.search("^1e-6┤", run("show", falling, "--log"), re.M)
    assert "1e-6┤" not in run("show", falling)


def test_show_says_which_schedules_count_epochs():
    assert re.search("^ +epoch  rate +counted in epochs$", run("show", "keras_tip.one_cycle"), re.M)
    shown = run("show", "keras_tip.one_cycle", "--per-epoch", "391")
    assert re.search("^ +epoch +step  rate +counted in epochs$", shown, re.M)
    assert re.search("^ +10  3,910  0.001$", shown, re.M)
    found = json.loads(run("show", "keras_tip.one_cycle", "--json"))
    assert found["keras_tip.one_cycle"]["unit"] == "epoch"


def test_plot_draws_the_tips_chart(tmp_path):
    path = tmp_path / "chart.html"
    assert run("plot", "keras_tip", "-o", path) == f"Wrote {path}\n"
    page = path.read_text()
    assert "<title>Learning Rate over time (epoch)</title>" in page
    drawn = [(line["x"], line["y"]) for line in traces(page)]
    assert drawn == [(line["epoch"], line["learning_rate"]) for line in CHART.values()]


def test_plot_names_its_lines(tmp_path):
    path = tmp_path / "chart.html"
    file = tmp_path / "a=b.yaml"
    gl.save(gl.parse("constant(0.2)"), file)
    run("plot", WARMUP, "mine=constant(0.1)", "constant(1)", "constant(1)", file, "-o", path)
    names = [line["name"] for line in traces(path.read_text())]
    assert names == [WARMUP, "mine", "constant(1)", "constant(1) (2)", str(file)]


def test_plot_options(tmp_path):
    path = tmp_path / "chart.html"
    options = ("--title", "Mine & <b>yours</b>", "--unit", "epoch", "--steps", "1e1")
    run("plot", WARMUP, *options, "-o", path)
    page = path.read_text()
    assert "<title>Mine &amp; &lt;b&gt;yours&lt;/b&gt;</title>" in page
    assert '"title":{"text":"epoch"}' in page
    assert [line["x"] for line in traces(page)] == [list(range(10))]


def test_table_prints_every_step_in_full():
    rows = [line.split() for line in run("table", "keras_tip.one_cycle").splitlines()]
    assert rows[0] == ["step", "rate"]
    line = CHART["One Cycle Learning Rate"]
    assert [(int(step), float(rate)) for step, rate in rows[1:]] == list(
        zip(line["epoch"], line["learning_rate"], strict=True)
    )


def test_table_of_several_schedules_side_by_side():
    rows = list(csv.reader(io.StringIO(run("table", "keras_tip", "--csv"))))
    assert rows[0][0] == "step"
    assert [[float(cell) for cell in row[1:]] for row in rows[1:]] == [
        list(rates)
        for rates in zip(*(line["learning_rate"] for line in CHART.values()), strict=True)
    ]


def test_table_from_to_every():
    found = json.loads(
        run("table", WARMUP, "--from", "1_000", "--to", "2e3", "--every", 500, "--json")
    )
    schedule = gl.parse(WARMUP)
    assert found == [{"step": step, "rate": schedule(step)} for step in (1000, 1500, 2000)]
    assert json.loads(run("table", WARMUP, "--from", 5, "--to", 4, "--json")) == []


def test_table_goes_to_the_end_by_default():
    assert run("table", "linear(1, 0, steps=4)").split()[-2:] == ["4", "0.0"]


def test_families_lists_everything():
    listed = json.loads(run("families", "--json"))
    assert {entry["name"] for entry in listed} == {*gl.FAMILIES, *gl.recipes.RECIPES}
    assert {entry["kind"] for entry in listed} == {"family", "combinator", "recipe"}
    assert all(entry["summary"] for entry in listed)
    text = run("families")
    for entry in listed:
        assert f"  {entry['signature']}\n      {entry['summary']}\n" in text
    assert "  repeat(schedule, times=inf, scale=1.0)\n" in text
    assert "  keras_tip.exponential_decay(start_lr=0.001, exp_decay=0.1)\n" in text


@pytest.mark.parametrize("name", ["cosine", "chain", "keras_tip.one_cycle"])
def test_families_prints_the_documentation_of_one(name):
    text = run("families", name)
    assert text.startswith(f"{name}(")
    assert "Args:" in text


def test_families_prints_the_json_schema():
    schema = json.loads(run("families", "--schema"))
    assert set(gl.FAMILIES) <= set(schema["$defs"])


def test_cite_prints_bibtex():
    text = run("cite", "sgdr", "one_cycle")
    assert text.startswith("@inproceedings{loshchilov2017sgdr,\n")
    assert text.count("\n\n@") == 2


def test_cite_of_a_source_names_each_entry_once():
    text = run("cite", "keras_tip")
    keys = re.findall(r"^@\w+\{(.*),$", text, re.M)
    assert len(keys) == len(set(keys)) == 2


@pytest.mark.parametrize("suffix", [".json", ".yaml", ".toml"])
def test_a_schedule_may_be_a_file(tmp_path, suffix):
    path = tmp_path / f"schedule{suffix}"
    gl.save(gl.parse(WARMUP), path)
    assert list(json.loads(run("show", "--json", path))) == [str(path)]


def test_what_is_printed_can_be_read_back(tmp_path):
    for name in gl.recipes.keras_tip.__dict__:
        if f"keras_tip.{name}" in gl.recipes.RECIPES:
            found = json.loads(run("show", "--json", f"keras_tip.{name}"))
            text = found[f"keras_tip.{name}"]["schedule"]
            schedule = gl.recipes.RECIPES[f"keras_tip.{name}"]()
            assert gl.parse(text) == schedule
            assert schedule.steps == math.inf


@pytest.mark.parametrize(
    "plan", ["steps=1_000", "samples=4000,batch=4,epochs=1", "batch = 4, world_size=2 , steps=1e3"]
)
def test_durations_are_counted_by_a_plan(tmp_path, plan):
    text = "linear(0, 1, steps=3%) >> cosine(1, 0, rest)"
    counted = "linear(0.0, 1.0, steps=30) >> cosine(1.0, 0.0, steps=970)"
    assert json.loads(run("show", "--json", text, "--plan", plan))[text]["schedule"] == counted
    assert run("table", "--plan", plan, text) == run("table", counted)
    path = tmp_path / "rate.yaml"
    path.write_text("type: linear\nstart: 0\nend: 1\nsteps: 3%\n")
    assert run("table", path, "--plan", plan) == run("table", "linear(0, 1, 30)")
    page = tmp_path / "chart.html"
    run("plot", f"a={text}", "-o", page, "--plan", plan)
    assert traces(page.read_text())[0]["name"] == "a"


def test_one_key_of_a_training_file_is_a_schedule(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("train.yaml").write_text(
        "optimizer:\n  lr: linear(0, 1, steps=10%) >> constant(1)\n"
        "  groups: [{lr: {type: torch.StepLR, step_size: 3, lr: 0.5}}]\n"
    )
    shown = run("table", "train.yaml:optimizer.lr", "--plan", "steps=20", "--to", "2")
    assert shown.split() == ["step", "rate", "0", "0.0", "1", "0.5", "2", "1.0"]
    named = run("table", "a=train.yaml:optimizer.groups[0].lr", "b=constant(2)", "--to", "0")
    assert named.split() == ["step", "a", "b", "0", "0.5", "2.0"]
    Path("train.yaml:optimizer.lr").write_text("a file of that name is none of a schedule")
    result = CliRunner().invoke(main, ["show", "train.yaml:optimizer.lr"])
    assert "no framework is known for it" in result.stderr


def test_families_lists_and_prints_other_frameworks_schedules():
    listed = run("families", "torch")
    assert listed.startswith("Dialects: torch\n")
    assert "torch.StepLR(step_size, gamma=0.1, lr)" in listed
    assert all(
        entry["kind"] == "dialect" for entry in json.loads(run("families", "torch", "--json"))
    )
    assert run("families", "torch.StepLR").startswith("torch.StepLR(step_size, gamma=0.1, lr)\n")
    assert "pytorch_optimizer" in run("families")


def test_a_dialect_is_shown():
    assert "staircase" in run("show", "torch.StepLR(30, lr=0.1)", "--json")
