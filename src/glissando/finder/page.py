"""A range test as one page of HTML that needs no network."""

from glissando.finder.answer import RateRange
from glissando.pages import chart, sentences, table
from glissando.pages import page as whole_page


def page(found: RateRange) -> str:
    """Return the page: the answer, its doubts, the chart and the readings."""
    low, high, limit = found.interval.low, found.interval.high, found.limit
    rows = [(r.name, "–" if r.rate is None else f"{r.rate:.3g}", r.reason) for r in found.readings]
    body = f"""<h1>Good rates lie between {low:.3g} and {high:.3g}</h1>
<p class=lead>The largest stable rate is about {limit.value:.3g}, with 90 % between
{limit.low:.3g} and {limit.high:.3g}. A rate to begin with is {found.rate:.3g}.</p>
{sentences(found.doubts, "doubts")}
{chart(found.plot())}
<h2>What the usual rules read off the ramp</h2>
{table(("rule", "rate", "why"), rows, "prose")}"""
    return whole_page("Learning-rate range test", body)
