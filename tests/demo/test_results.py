"""The statements and the report say what the numbers say, for and against the schedules."""

import json
import re

import pytest

import glissando as gl
from glissando.demo.plan import CONSTANT, NAMES, TUNED, Run, Setup, warmup_cosine
from glissando.demo.report import page
from glissando.demo.results import as_data, choose_rate, statements, summarize
from glissando.demo.store import MARK

FLAT = dict.fromkeys((3e-4, 1e-3, 3e-3, 1e-2, 3e-2), 0.9)
TUNED_BEST = FLAT | {1e-2: 0.95}
LEVEL = [0.90, 0.91, 0.92]


def summary_of(finals, trials=TUNED_BEST, setup=None, done=lambda run: True):
    """Return the summary of runs that end with `finals`, a list over the seeds for each name."""
    setup = setup or Setup(epochs=4)

    def lookup(run: Run):
        if not done(run):
            return None
        if run.part == "tune":
            final = trials[run.schedule(0)]
        else:
            name = next(row.name for row in named.rows if row.schedule == run.schedule)
            final = finals.get(name, LEVEL)[run.seed]
        epochs = range(run.setup.epochs)
        return {
            "accuracy": [final * (epoch + 1) / len(epochs) for epoch in epochs],
            "rates": [run.schedule(epoch) for epoch in epochs],
            "cpu_seconds": 1.0 + run.seed,
            "parameters": 1234,
            "machine": "Linux <test>",
        }

    assert set(finals) <= set(NAMES)
    named = summarize(setup, lambda run: lookup(run) if run.part == "tune" else None)
    return summarize(setup, lookup)


def test_a_schedule_that_helps_and_one_that_harms_are_named():
    finals = {"One cycle": [0.93, 0.94, 0.95], "Exponential decay": [0.80, 0.81, 0.82]}
    said = statements(summary_of(finals))
    assert said[0] == "Highest mean final accuracy: One cycle, 94.0%."
    assert said[1] == (
        "Against the tip's constant rate 0.001, which ends at 91.0%: "
        "1 of 6 schedules above it by more than the spread over seeds (One cycle); "
        "4 within the spread (Time-based decay, Constant then exponential, Tuned constant, "
        "Warm-up then cosine); 1 below it by more than the spread (Exponential decay)."
    )
    assert said[2].startswith("Against the tuned constant rate 0.01, which ends at 91.0%: 1 of 6")
    assert any("10 times as high" in claim for claim in said)
    assert "about 1 of 10 comparisons" in said[-1]


def test_no_help_is_said_plainly():
    said = statements(summary_of({CONSTANT: [0.97, 0.98, 0.99]}))
    assert "none of 6 schedules above it by more than the spread over seeds; " in said[1]
    assert "; none within the spread; 6 below it by more than the spread (" in said[1]


def test_ranges_that_touch_are_level():
    summary = summary_of({CONSTANT: [0.90, 0.91, 0.92], "One cycle": [0.92, 0.93, 0.94]})
    assert summary.row("One cycle").against(summary.row(CONSTANT)) == "level"
    assert summary.row(CONSTANT).against(summary.row("One cycle")) == "level"
    assert summary.row(CONSTANT).against(summary.row(CONSTANT)) == ""


def test_one_seed_claims_nothing():
    summary = summary_of({"One cycle": [0.99]}, setup=Setup(epochs=4, seeds=1))
    said = statements(summary)
    assert not any(claim.startswith("Against") for claim in said)
    assert said[-1].startswith("One seed has no spread")
    assert summary.row("One cycle").spread_text == ""


@pytest.mark.parametrize(
    ("best", "claim"),
    [
        (1e-3, "The tuning chose the tip's own rate: the two constant rows are the same runs."),
        (3e-4, "The tuned rate is the lowest that was tried: a better one may lie beyond."),
        (3e-2, "The tuned rate is the highest that was tried: a better one may lie beyond."),
    ],
)
def test_what_the_tuning_means_is_said(best, claim):
    summary = summary_of({}, trials=FLAT | {best: 0.95})
    assert summary.tuned == best
    assert claim in statements(summary)


def test_of_equal_rates_the_lowest_is_chosen():
    runs = {rate: [Run(gl.Constant(rate), 0, "tune", Setup())] for rate in (0.1, 0.01)}
    assert choose_rate(runs, lambda run: {"accuracy": [0.5]}) == 0.01
    assert choose_rate(runs, lambda run: None) is None


def test_epochs_to_the_best_of_the_constant():
    finals = {CONSTANT: [0.5, 0.5, 0.5], "One cycle": [1.0, 1.0, 1.0]}
    summary = summary_of(finals)  # straight lines over 4 epochs
    best = summary.row(CONSTANT).best
    assert best == 0.5
    assert summary.row("One cycle").epochs_to(best) == 2
    assert summary.row(CONSTANT).epochs_to(best) == 4
    assert summary_of({CONSTANT: [0.9] * 3, TUNED: [0.5] * 3}).row(TUNED).epochs_to(0.9) is None


@pytest.mark.parametrize("epochs", [2, 3, 20, 1000])
def test_the_warm_up_peaks_at_the_tuned_rate_and_fills_the_epochs(epochs):
    schedule = warmup_cosine(0.01, epochs)
    rates = [schedule(epoch) for epoch in range(epochs)]
    assert schedule.steps == epochs
    assert max(rates) == 0.01
    assert min(rates) > 0


def test_the_page_is_whole_and_needs_no_network():
    from plotly.offline import get_plotlyjs

    finals = {"One cycle": [0.93, 0.94, 0.95]}
    html = page(summary_of(finals), "glissando demo --output 'a </pre><script>b'")
    assert html.count(get_plotlyjs()) == 1
    own = html.replace(get_plotlyjs(), "")
    assert not re.search(r"""(src|href)\s*=|@import|url\(|https?://""", own)
    assert "a &lt;/pre&gt;&lt;script&gt;b" in own
    assert "Linux &lt;test&gt;" in own
    assert MARK in own
    assert "Partial" not in own
    for text in ("1,234 parameters", "0.01: 95.0%", "In all 84 epochs", "736 train the network"):
        assert text in own
    assert own.count("Plotly.newPlot") == 2
    assert "class=above>above" in own


def test_a_wrong_rate_is_not_hidden():
    summary = summary_of({})
    summary.rows[0].results[0]["rates"][2] = 0.5
    assert "another rate than the schedule's in 1 of 84 epochs" in page(summary, "")


@pytest.mark.parametrize("parts", [(), ("tune",)])
def test_a_partial_page_says_what_is_missing(parts):
    summary = summary_of(
        {}, done=lambda run: run.part in parts or run.schedule == gl.Constant(1e-3)
    )
    html = page(summary, "glissando demo")
    assert f"<b>Partial:</b> {summary.done} of 36 runs are done" in html
    assert "0 of 3 seeds done" in html
    assert (summary.tuned is None) == (parts == ())
    json.dumps(as_data(summary))


def test_an_empty_page_is_readable():
    html = page(summary_of({}, done=lambda run: False), "glissando demo")
    assert "0 of 36 runs are done" in html
    assert html.count("Plotly.newPlot") == 2


def test_the_tables_numbers_as_data():
    data = as_data(summary_of({"One cycle": [0.93, 0.94, 0.95]}))
    entry = next(entry for entry in data["table"] if entry["name"] == "One cycle")
    assert entry["final_accuracy"] == pytest.approx(0.94)
    assert entry["final_accuracy_spread"] == (0.93, 0.95)
    assert entry["against_constant"] == "above"
    assert entry["epochs_to_best_of_constant"] == 4
    assert entry["cpu_seconds"] == 2.0
    assert gl.parse(entry["schedule"]) == gl.recipes.keras_tip.one_cycle()
    assert data["tuned_rate"] == 0.01
    assert data["runs_done"] == data["runs"] == 36
