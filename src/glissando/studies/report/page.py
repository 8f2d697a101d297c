"""The report of a study: one page of HTML that needs no network, the answer first."""

from collections.abc import Iterable, Iterator, Sequence
from html import escape
from typing import Any

from glissando.pages import chart, sentences, table
from glissando.pages import page as whole_page
from glissando.studies.report.charts import (
    difference_chart,
    length_chart,
    loss_chart,
    peak_chart,
    schedule_chart,
    shown_names,
)
from glissando.studies.report.curves import Band, band_of
from glissando.studies.report.done import Tried
from glissando.studies.report.facts import facts
from glissando.studies.report.findings import Findings
from glissando.studies.report.printed import counted, peak_text
from glissando.studies.report.statements import headline, quality, statements

MOST = 100
"""How many rows a table has; the rest is in the files."""

MOST_DOUBTS = 20

MOST_LOGS = 20
"""Of how many seeds a curve is drawn."""

MOST_LENGTHS = 4
"""For how many lengths, the longest ones, the peaks are drawn."""


def page(found: Findings, code: str = "", doubts: Sequence[str] = ()) -> str:
    """Return the report.

    Args:
        found: what the study found.
        code: the winner's code in the user's framework.
        doubts: more doubts than those of the study.
    """
    colors = shown_names(found)
    answer, *more = statements(found)
    parts = [
        f"<h1>{escape(headline(found))}</h1>",
        f"<p class=lead>{escape(answer)}</p>",
        _partial(found),
        sentences(more),
        sentences(_some([*doubts, *found.doubts]), "doubts"),
        "<noscript><p class=partial>The charts need JavaScript; the tables do not.</p></noscript>",
        *_ranking(found),
        *(_drawn(found, colors) if colors else ()),
        *_tried(found),
        *_pruned(found),
        *_failed(found),
        *_recipe(found, code),
        "<h2>What was run</h2>",
        f"<p>{escape(str(found.cost))}</p>",
        facts(found),
        *_repeat(found),
    ]
    return whole_page(f"Study: {headline(found)}", "\n".join(part for part in parts if part))


def _some(doubts: list[str]) -> list[str]:
    more = len(doubts) - MOST_DOUBTS
    return [*doubts[:MOST_DOUBTS], f"And {counted(more, 'doubt')} more."] if more > 0 else doubts


def _partial(found: Findings) -> str:
    if not found.partial:
        return ""
    again = " The command at the end of this page continues." if found.command else ""
    return (
        "<p class=partial><b>Partial:</b> the study is not complete; "
        f"{counted(found.cost.runs, 'run')} done by now.{again}</p>"
    )


def _ranking(found: Findings) -> Iterator[str]:
    if not found.ranking:
        return
    places = found.places
    rows = [
        (
            each.name,
            peak_text(each.peak),
            places(each.loss.mean),
            places.interval(each.loss),
            f"{each.loss.seeds - each.loss.diverged}",
            places(pair.by) if pair else "",
            places.interval(pair) if pair else "",
            f"{pair.seeds - pair.won} of {pair.seeds}" if pair else "",
        )
        for each in found.ranking
        for pair in [each.difference]
    ]
    head = (
        "finalist", "peak", quality(found), "90 % interval", "seeds",
        "worse by", "90 % interval", "better in",
    )  # fmt: skip
    yield "<h2>The last comparison</h2>"
    yield (
        "<p>The finalists in full runs on seeds that chose nothing before. The same seed gives the "
        "same first weights and data to each, so that differences are taken in pairs.</p>"
    )
    yield table(head, rows)
    if len(rows) > 1:
        yield (
            "<p>How much worse than the best the others are: the mean difference and its 90 % "
            "interval, and a dot for each seed. An interval with 0 in it is gray: a tie.</p>"
        )
        yield chart(difference_chart(found.ranking), 120 + 60 * len(rows))


def _drawn(found: Findings, colors: dict[str, str]) -> Iterator[str]:
    bands = dict(_bands(found, colors))
    if bands:
        yield "<h2>On the way</h2>"
        yield (
            "<p>What the runs reported: the mean over the seeds and, as a band, the lowest to the "
            "highest. What it is in mid-run says little about the end. Click a name to hide it, "
            "double-click to see it alone.</p>"
        )
        yield chart(loss_chart(bands, colors))
    yield "<h2>Schedules</h2><p>Each at its best peak, in a full run.</p>"
    yield chart(schedule_chart(found, colors))
    if len(found.settings.lengths) > 1:
        yield (
            "<h2>Budget to target</h2><p>The best that each schedule gave in complete runs of each "
            "length: read across how many updates it takes to a target.</p>"
        )
        yield chart(length_chart(found, colors))
    lengths = [n for n in found.settings.lengths if any(n in found.peaks[c] for c in colors)]
    if any(len(of) > 1 for name in colors for of in found.peaks[name].values()):
        yield (
            "<h2>Sensitivity to the peak</h2><p>Results by the peak, in complete runs of one "
            "length. A cross diverged, a triangle lies beyond the chart, a diamond has its rates "
            "as written.</p>"
        )
        for steps in lengths[-MOST_LENGTHS:]:
            yield f"<h3>{steps:,} updates</h3>{chart(peak_chart(found, steps, colors), 360)}"


def _bands(found: Findings, colors: dict[str, str]) -> Iterator[tuple[str, Band]]:
    """Yield the curves of the last comparison, or before it those of the length that is known."""
    if found.winner is None:
        return
    runs: dict[str, Any] = {}
    for each in found.ranking:
        final = found.done.final(each.name, each.peak)
        runs[each.name] = [final[seed] for seed in each.losses]
    if not runs:
        for name in colors:
            of = found.budget[name].get(found.winner.steps)
            done = found.done.of(name, of.peak, found.winner.steps) if of else {}
            runs[name] = [each for each in done.values() if not each[1].failed]
    for name in colors:
        drawn = band_of([found.logged(run) for run, _ in runs.get(name, ())[:MOST_LOGS]])
        if drawn:
            yield name, drawn


def _tried(found: Findings) -> Iterator[str]:
    lengths = found.settings.lengths
    rows = [
        (name, *(_best(found, of[n]) if n in of else "–" for n in lengths))
        for name, of in found.budget.items()
        if of
    ]
    if rows:
        yield (
            f"<h2>Everything that was tried</h2><p>The best {quality(found)} of each candidate in "
            "complete runs of each length, and its peak, with the seed that the peaks were chosen "
            "with. A dash: not run at that length.</p>"
        )
        yield from _cut_table(("candidate", *(f"{n:,} updates" for n in lengths)), rows)


def _best(found: Findings, tried: Tried) -> str:
    at = "" if tried.peak is None else "at "
    return f"{found.places(tried.loss)} {at}{peak_text(tried.peak)}"


def _pruned(found: Findings) -> Iterator[str]:
    if found.pruned:
        rows = [(each.candidate, f"{each.steps:,}", each.words) for each in found.pruned]
        yield "<h2>What was ruled out, and why</h2>"
        yield from _cut_table(("candidate", "after runs of", "why"), rows, "prose")


def _failed(found: Findings) -> Iterator[str]:
    if found.cost.failed:
        yield "<h2>Runs that failed</h2>"
        yield from _cut_table(("run", "why"), [each[:2] for each in found.cost.failed], "prose")


def _cut_table(head: Sequence[str], rows: Sequence[Sequence[str]], kind: str = "") -> Iterable[str]:
    yield table(head, rows[:MOST], kind)
    if len(rows) > MOST:
        yield f"<p><small>And {len(rows) - MOST:,} more, in runs.parquet.</small></p>"


def _recipe(found: Findings, code: str) -> Iterator[str]:
    if found.winner:
        yield "<h2>Train with it</h2>"
        yield f"<pre>{escape(str(found.winner.schedule))}</pre>"
        if code:
            yield f"<p>As code, also in winner.py:</p><pre>{escape(code)}</pre>"


def _repeat(found: Findings) -> Iterator[str]:
    if found.command:
        yield f"<h2>Repeat it</h2><pre>{escape(found.command)}</pre>"
        yield "<p>In the same folder it goes on from the runs that are done.</p>"
