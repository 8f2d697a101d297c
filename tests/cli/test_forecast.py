"""`glissando forecast` and `glissando cooldown` on logs in files."""

import csv
import json

import pytest
from click.testing import CliRunner

import glissando as gl
from forecasting.test_forecast import LATER, TRUNK, runs
from glissando.cli import main


@pytest.fixture
def logs(tmp_path, monkeypatch):
    """A trunk and a cooldown: one with its rates, one whose schedule must be said."""
    monkeypatch.chdir(tmp_path)
    trunk, cooled = runs()
    for name, curve, head in (
        ("trunk.csv", trunk, ["step", "loss"]),
        ("cooled.csv", cooled, ["step", "loss", "learning_rate"]),
    ):
        with open(name, "w", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(head)
            for step, loss in zip(curve.steps, curve.losses, strict=True):
                writer.writerow([step, loss, curve.schedule(step)][: len(head)])
    return [f"{TRUNK}@trunk.csv", "cooled.csv"]


def run(*arguments):
    return CliRunner().invoke(main, arguments)


def test_schedules_are_ranked(logs):
    tried = [x for name in ("linear", "cosine") for x in ("--try", f"{name}={LATER[name]}")]
    found = run("forecast", *logs, *tried, "-o", "page.html")
    assert found.exit_code == 0, found.output
    lines = found.output.splitlines()
    assert {lines[1].split()[0], lines[2].split()[0]} == {"linear", "cosine"}
    assert "Wrote page.html" in found.output
    data = json.loads(run("forecast", *logs, *tried, "--json").stdout)
    assert data["answer"] in " ".join(found.output.split())
    with open("page.html") as file:
        assert data["answer"].replace(">", "&gt;") in file.read()
    ranking = data["ranking"]
    assert ranking[0]["name"] == lines[1].split()[0]
    assert gl.from_data(ranking[0]["schedule"]) == LATER[ranking[0]["name"]]


def test_pilots_alone_show_their_laws(logs):
    found = run("forecast", *logs, "--law", "kernel")
    assert found.exit_code == 0
    assert "Pilots at the peak 0.001\n  trunk.csv: 6,000 updates, last loss " in found.output
    assert "kernel          100%" in found.output


def test_the_forecast_itself_is_saved(logs):
    found = run("forecast", *logs, "--law", "bound", "-o", "forecast.json")
    assert found.exit_code == 0, found.output
    assert "Wrote forecast.json" in found.output
    with open("forecast.json") as file:
        data = json.load(file)
    assert data["type"] == "forecast"
    assert [pilot["name"] for pilot in data["peaks"][0]["pilots"]] == ["trunk.csv", "cooled.csv"]


def test_when_to_leave_the_trunk(logs):
    found = run("cooldown", *logs, "--at", "5000", "--deadline", "9_000")
    assert found.exit_code == 0, found.output
    assert "last moment for the deadline is step 7,200" in found.output
    data = json.loads(run("cooldown", *logs, "--at", "5000", "--json").stdout)
    assert data["rows"][0]["leave_at"] == 5000
    assert data["answer"]


def test_columns_are_named(logs):
    with open("cooled.csv") as file:
        text = file.read()
    with open("cooled.csv", "w") as file:
        file.write(text.replace("step,loss,learning_rate", "at,value,eta", 1))
    names = ["--step-column", "at", "--loss", "value", "--rate", "eta"]
    found = run("forecast", "cooled.csv", *names, "--law", "bound")
    assert found.exit_code == 0, found.output
    assert "cooled.csv: 6,000 updates" in found.output
    assert run("forecast", "cooled.csv", *names[:4]).exit_code == 2


def test_a_cooldown_is_a_part_of_the_run_or_a_number_of_steps(logs):
    for length, end in (("25%", 8000), ("2_000", 8000), ("500", 6500)):
        found = run(
            "cooldown", *logs, "--at", "6000", "--cooldown", length, "--law", "bound", "--json"
        )
        assert json.loads(found.stdout)["rows"][0]["ends_at"] == end


def test_bad_input_is_one_line(logs):
    for arguments, message in [
        (["forecast", "none.csv"], "none.csv"),
        (["forecast", "trunk.csv"], "schedule"),
        (["forecast", *logs, "--law", "power"], "`law` must be one of"),
        (["forecast", *logs, "-o", "page.pdf"], "must end in .html or .json, got 'page.pdf'"),
        (["cooldown", *logs, "-o", "page.json"], "must end in .html, got 'page.json'"),
        (["cooldown", *logs, "--cooldown", "1.5"], "must be a whole number, got 1.5"),
        (["cooldown", *logs, "--cooldown", "100%"], "above 0% and below 100%, got '100%'"),
        (["cooldown", *logs, "--cooldown", "x%"], "above 0% and below 100%, got 'x%'"),
        (["cooldown", *logs, "--cooldown", "nan%"], "above 0% and below 100%, got 'nan%'"),
    ]:
        found = run(*arguments)
        assert found.exit_code == 2
        assert message in found.output
        assert "Traceback" not in found.output


def test_a_suggestion_is_a_page_too(tmp_path):
    path = tmp_path / "suggested.html"
    found = run("suggest", "--optimizer", "adamw", "--steps", "1000", "-o", str(path))
    assert found.exit_code == 0, found.output
    text = found.output.splitlines()[0]
    assert f"<pre>{text.replace('>>', '&gt;&gt;')}</pre>" in path.read_text()
