import ast
import re
from html.parser import HTMLParser

import numpy as np
import pytest

import glissando as gl
from glissando.adapters import NAMES
from glissando.studies.candidate import Candidate
from glissando.studies.report import page as page_module
from glissando.studies.report.code import USES, code_of
from glissando.studies.report.curves import POINTS, band_of
from glissando.studies.report.page import MOST, page
from glissando.studies.rungs.pruning import Interval, Pruned
from glissando.studies.runs.run import Outcome
from glissando.studies.runs.store import Log
from glissando.studies.settings import Settings
from studies.report.synthetic import (
    BEST,
    PARTIAL,
    PEAKS,
    STEPS,
    complete,
    log_of,
    loss_of,
    result,
    settings_of,
)

NASTY = '<b>bold</b> & "quoted" </script>'


class Words(HTMLParser):
    """The text of a page, without scripts and style; and what it would load."""

    def __init__(self, html):
        super().__init__()
        self.words, self.loaded, self.tags, self._skip = [], [], set(), False
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        self._skip = tag in ("script", "style")
        self.loaded += [value for name, value in attrs if name in ("src", "href")]

    def handle_endtag(self, tag):
        self._skip = False

    def handle_data(self, data):
        if not self._skip and data.strip():
            self.words.append(" ".join(data.split()))

    @property
    def text(self):
        return " ".join(self.words)


@pytest.fixture(scope="module")
def saved(tmp_path_factory):
    """A complete study's files, the keys of the logs read for the page, and the result."""
    arguments = complete(settings_of(peaks=[0.001, BEST, 0.03]))
    decision = arguments["decision"]._replace(
        pruned=tuple(
            Pruned(f"rex {i}", 222, Interval(0.3, 0.2, 0.4), "linear", Interval(0.0, -0.1, 0.1))
            for i in range(MOST + 7)
        ),
        doubts=("The rest <is> silence.",),
    )
    opened = []

    def logged(run):
        opened.append(run.key)
        return log_of(run)

    found = result(arguments, decision=decision, logged=logged)
    folder = tmp_path_factory.mktemp("study")
    report = found.save(folder)
    return folder, report.read_text("utf-8"), opened[: -len(found.done.rows)], found


def test_the_answer_comes_first(saved):
    _, html, _, found = saved
    words = Words(html).words
    title = words.index("linear at the peak 0.003 is best")
    assert words[title + 1] == found.statements[0]
    assert words[title + 2 : title + 1 + len(found.statements)] == list(found.statements[1:])
    assert "The rest <is> silence." in words
    assert words[-2:] == [
        "glissando study study.toml",
        "In the same folder it goes on from the runs that are done.",
    ]


def test_it_needs_no_network_and_is_no_larger_than_its_script(saved):
    _, html, _, _ = saved
    assert Words(html).loaded == []
    assert len(html) < 6e6


def test_only_the_logs_of_the_finalists_are_read_for_it(saved):
    _, _, opened, found = saved
    finals = {
        found.done.final(each.name, each.peak)[seed][0].key
        for each in found.ranking
        for seed in each.losses
    }
    assert set(opened) == finals
    assert len(opened) == len(finals) == 15


def test_long_tables_are_cut_and_say_so(saved):
    _, html, _, _ = saved
    assert f"rex {MOST - 1} was left out" in html
    assert f"rex {MOST} was left out" not in html
    assert "And 7 more, in runs.parquet." in html


def test_diverged_peaks_are_crosses(saved):
    _, html, _, _ = saved
    assert '"symbol":["x"]' in html.replace(" ", "")
    assert "diverged (peak 0.03)" in html


def test_the_winner_is_kept_as_recipe_and_as_code(saved):
    folder, html, _, found = saved
    assert gl.load(folder / "winner.yaml") == found.winner.schedule
    made = {}
    exec((folder / "winner.py").read_text(), made)
    assert made["schedule"] == found.winner.schedule
    assert [made["rate"](k) for k in range(0, STEPS, 97)] == pytest.approx(
        [found.winner.schedule(k) for k in range(0, STEPS, 97)], rel=1e-12
    )
    assert "gl.keras.LearningRateScheduler(schedule, unit=" in html
    assert {path.name for path in folder.iterdir()} == {
        "report.html", "runs.parquet", "steps.parquet", "winner.py", "winner.yaml"
    }  # fmt: skip


def test_names_are_texts_and_not_html():
    shapes = [gl.Linear(1.0, 0.0, STEPS), gl.Constant(1.0, STEPS)]
    candidates = [Candidate(n, s, STEPS) for n, s in zip((NASTY, "constant"), shapes, strict=True)]
    found = result(complete(Settings(candidates, STEPS, PEAKS)), command=f"glissando {NASTY}")
    html = page(found)
    seen = Words(html)
    assert NASTY in seen.text
    assert "b" not in seen.tags
    assert html.count("</script>") == html.count("<script")
    assert '"name":"\\u003cb\\u003e' not in html.replace(" ", "")


def test_a_schedule_on_a_plateau_or_as_written_has_no_recipe_file_or_no_peak(tmp_path):
    plateau = gl.Plateau("torch", factor=0.5, patience=2).on(gl.Constant(1.0, STEPS), after=10)
    candidates = [
        Candidate("plateau", plateau, STEPS),
        Candidate("exp", gl.Exponential(0.01, rate=0.001).cut(STEPS), STEPS, literal=True),
    ]
    arguments = complete(
        Settings(candidates, STEPS, PEAKS),
        [("plateau", BEST), ("exp", None)],
        outcome=lambda run: Outcome(loss_of(run) - 9.0 - 0.1 * (run.candidate == "plateau")),
    )
    (tmp_path / "winner.yaml").write_text("of another winner")
    found = result(arguments)
    text = Words(found.save(tmp_path).read_text("utf-8")).text
    assert "winner.yaml is not written: a schedule on a plateau" in text
    assert "exp as written" in text
    assert not (tmp_path / "winner.yaml").exists()
    made = {}
    exec((tmp_path / "winner.py").read_text(), made)
    assert made["schedule"] == found.winner.schedule


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"outcomes": [], "decision": PARTIAL}, "No result yet"),
        ({"decision": PARTIAL}, "Partial:"),
        ({"failed": True}, "No run gave a result"),
        ({"one": True}, "cosine at the peak 0.003"),
    ],
)
def test_there_is_a_page_of_any_study(changes, said):
    asked = settings_of(("cosine",) if changes.pop("one", False) else ("constant", "linear"))
    outcome = (lambda _: Outcome(None, error="<gone>")) if changes.pop("failed", False) else None
    found = result(complete(asked, outcome=outcome), logged=lambda _: Log([], [], []), **changes)
    text = Words(page(found)).text
    assert said in text
    assert ("<gone>" in text) == bool(found.cost.failed)


def test_a_missing_plotly_is_named_after_the_winner_is_written(tmp_path, monkeypatch):
    def missing(*_):
        raise ImportError('a chart needs plotly: pip install "glissando[plot]"')

    monkeypatch.setattr(page_module, "schedule_chart", missing)
    with pytest.raises(ImportError, match="plotly"):
        result().save(tmp_path)
    assert (tmp_path / "winner.yaml").exists()


@pytest.mark.parametrize("framework", sorted(USES))
def test_the_line_of_each_framework_uses_what_there_is(framework):
    code = code_of(gl.Constant(0.1, 100), "Constant", framework)
    (line,) = (
        line[2:]
        for line in code.splitlines()
        if "# " in line and "(" in line and "rate(k)" not in line
    )
    ast.parse(line)
    named = re.findall(r"gl\.(\w+)\.(\w+)", line)
    assert framework == "optax" or named
    assert all(name in NAMES[of] for of, name in named)


def test_a_band_is_of_all_seeds_however_they_logged():
    one = Log([10, 20, 30], [3.0, 2.0, 1.0], [0.1] * 3)
    two = Log([15, 25], [2.7, 1.9], [0.1] * 2)
    of = band_of([one, two, Log([10], [None], [None])])
    assert (of.steps[0], of.steps[-1]) == (10.0, 30.0)
    assert all(
        low <= mean <= high for low, mean, high in zip(of.low, of.mean, of.high, strict=True)
    )
    assert band_of([Log([], [], [])]) is None
    steps = list(range(1, 5001))
    long = band_of([Log(steps, [5.0 - s / 1000 for s in steps], [0.1] * 5000)])
    assert len(long.steps) <= POINTS + 1
    assert np.allclose(long.mean, 5.0 - np.array(long.steps) / 1000, atol=1e-4)
