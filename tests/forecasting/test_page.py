"""The pages of forecasts: whole, offline, and with what was answered."""

import re
from html import escape

import pytest

import glissando as gl
from forecasting.test_forecast import LATER, runs
from glissando.forecasting.page import cooldowns_page, pilots_page, ranking_page


@pytest.fixture(scope="module")
def found():
    return gl.forecast([c.replace(name=f"run <{i}>") for i, c in enumerate(runs())])


def outside(page):
    """What a page would load from elsewhere."""
    body = re.sub(r"<script.*?</script>", "", page, flags=re.S)
    return re.findall(r'(?:src|href)="?http[^ >]*', body)


def test_a_ranking(found):
    ranking = found.rank({**LATER, "high <peak>": LATER["linear"] * 4}, 10_000)
    page = ranking_page(found, ranking, "glissando forecast a.csv")
    assert f"<p class=lead>{escape(ranking.answer)}</p>" in page
    for each in ranking:
        name = escape(each.name)
        assert f"<th scope=row>{name}<td>{each.prediction.loss:.4f}" in page
        assert f"<td>{escape(each.chance)}" in page
        assert f"<dt>{name}<dd><code>{escape(str(each.schedule))}" in page
    assert any(doubt.startswith("high <peak>: its peak is") for doubt in ranking.doubts)
    for doubt in ranking.doubts:
        assert f"<li>{escape(doubt)}" in page
    assert "<table class=prose>" in page
    for law in found.backtest[found.groups[0].peak]:
        assert f"<th scope=row>{law.law}<td>{law.weight:.0%}" in page
    assert "glissando forecast a.csv</pre>" in page
    assert not outside(page)


def test_a_chart_has_the_pilots_and_each_schedule_with_its_interval(found):
    shown = {name: LATER[name] for name in ("linear", "cosine")}
    traces = found.plot(shown).data
    pilots = [trace for trace in traces if trace.name == "pilots"]
    assert [trace.y for trace in pilots] == [curve.losses for curve in found.curves]
    assert sum(trace.showlegend for trace in pilots) == 1
    for name, schedule in shown.items():
        prediction = found(schedule)
        (line,) = (trace for trace in traces if trace.name == name)
        assert (line.x[-1], line.y[-1]) == (10_000, prediction.loss)
        (band,) = (t for t in traces if t.legendgroup == name and t.fill)
        middle = len(band.y) // 2  # it runs along the high end and back along the low one
        assert band.y[middle - 1 : middle + 1] == pytest.approx((prediction.high, prediction.low))
    with pytest.raises(gl.ScheduleError, match="8 or fewer in a chart, got 9"):
        found.plot(dict.fromkeys("abcdefghi", LATER["linear"]))


def test_when_to_leave(found):
    answer = found.cooldowns(4000, deadline=9000)
    page = cooldowns_page(found, answer, "glissando cooldown a.csv")
    assert answer.answer in page
    assert page.count("<th scope=row>") >= len(answer.rows)
    assert not outside(page)


def test_pilots_alone_and_names_that_are_no_html(found):
    page = pilots_page(found, "glissando forecast '<b>'")
    assert "&lt;b&gt;" in page
    assert "run <0>" not in re.sub(r"<script.*?</script>", "", page, flags=re.S)
