"""What a study found, in sentences."""

from collections.abc import Iterator

from glissando.studies.report.findings import Findings, Winner
from glissando.studies.report.printed import at_peak, counted, peak_text
from glissando.studies.report.ranking import Finalist, comparison
from glissando.studies.report.saving import BASELINES

PARTIAL = "The study is not complete; this is what is known by now."

MOST = 20
"""How many lines of a kind are printed."""


def statements(found: Findings) -> tuple[str, ...]:
    """Return the answer: the best, what it saves, and how sure it is that it is the best."""
    return tuple(_statements(found))


def _statements(found: Findings) -> Iterator[str]:
    if found.winner is None:
        yield _no_winner(found)
        return
    yield _best(found, found.winner)
    if verdict := _verdict(found):
        yield verdict
    yield from (saving.words for saving in found.saving)
    for name, what in BASELINES.items():
        if all(each.name != name for each in found.settings.candidates):
            yield (
                f'No candidate is called "{name}", so that nothing is said of what is saved '
                f"against {what}."
            )
    for other in found.ranking[1:]:
        if other.difference and not other.difference.tied:
            yield f"It is {comparison(other.name, other.difference, found.places)}."
    for other in found.ranking[1:]:
        if other.difference and other.difference.tied:
            yield f"It {comparison(other.name, other.difference, found.places)}."


def headline(found: Findings) -> str:
    """Return the answer in a few words."""
    winner = found.winner
    if winner is None:
        return "No result yet" if found.partial else "No run gave a result"
    who = at_peak(winner.name, winner.peak)
    if found.partial:
        return f"Best by now: {who}"
    if tied := _tied(found):
        return f"{who}, or {_listed(tied, 'or')}: they cannot be told apart"
    return f"{who} is best" if len(found.settings.candidates) > 1 else who


def as_text(found: Findings) -> str:
    """Return the answer as a terminal shows it: the sentences, a table, the doubts, the cost."""
    lines = [PARTIAL] * found.partial + list(statements(found))
    if found.ranking:
        lines += ["", *_table(found.ranking, found)]
    for title, texts in (
        ("Doubts:", list(found.doubts)),
        ("Failed:", _failures(found)),
    ):
        if texts:
            lines += ["", title, *(f"- {text}" for text in texts[:MOST])]
            if len(texts) > MOST:
                lines.append(f"- and {len(texts) - MOST:,} more")
    return "\n".join([*lines, "", str(found.cost)])


def quality(found: Findings) -> str:
    """Return what results are called."""
    return "loss" if found.settings.goal == "min" else "score"


def _failures(found: Findings) -> list[str]:
    """Return the errors of runs that failed, each with one of those runs."""
    runs: dict[str, list[str]] = {}
    for each in found.cost.failed:
        runs.setdefault(each.error, []).append(each.run)
    return [
        f"{names[0]}{f' and {len(names) - 1:,} more' * (len(names) > 1)}: {error}"
        for error, names in runs.items()
    ]


def _no_winner(found: Findings) -> str:
    cost = found.cost
    if not cost.runs:
        return "No run is done."
    first = f" The first error: {cost.failed[0].error}" if cost.failed else ""
    return (
        f"No run gave a result: {len(cost.failed):,} of {counted(cost.runs, 'run')} failed, "
        f"{cost.diverged:,} diverged.{first}"
    )


def _best(found: Findings, winner: Winner) -> str:
    loss, places = winner.loss, found.places
    who = at_peak(winner.name, winner.peak)
    value = f"a {quality(found)} of {places(loss.mean)} after {winner.steps:,} updates"
    if not winner.final:
        return (
            f"{who} gave the best result, {value}; that is of the search alone: nothing was "
            "compared on fresh seeds."
        )
    sure = f"90 % interval {places.interval(loss)}, " if loss.low is not None else ""
    diverged = f", {loss.diverged} of which diverged" if loss.diverged else ""
    what = f"{value} ({sure}{counted(loss.seeds, 'fresh seed')}{diverged})"
    if len(found.ranking) == 1:
        return f"{who} gave {what}; there is nothing that it was compared with."
    return f"{who} gave the best result, {what}."


def _verdict(found: Findings) -> str:
    """Return whether anything helped, where a constant rate was tried and nothing is sure to."""
    assert found.winner is not None
    others = {each.name: each.difference for each in found.ranking[1:]}
    tied = _tied(found)
    nothing = "No schedule is shown to help: "
    if found.winner.final and found.winner.name == "constant" and len(found.ranking) > 1:
        return f"{nothing}the constant rate at its best peak gave the best result."
    constant = others.get("constant")
    if constant and constant.tied:
        return f"{nothing}the best cannot be told apart from the constant rate at its best peak."
    if tied:
        return f"It cannot be told apart from {_listed(tied, 'and')}."
    return ""


def _tied(found: Findings) -> list[str]:
    return [e.name for e in found.ranking[1:] if e.difference and e.difference.tied]


def _listed(names: list[str], word: str) -> str:
    *first, last = names
    return f"{', '.join(first)} {word} {last}" if first else last


def _table(ranking: tuple[Finalist, ...], found: Findings) -> Iterator[str]:
    rows = [("", "peak", quality(found), "90 % interval", "worse by", "90 % interval")]
    for each in ranking:
        pair = each.difference
        rows.append(
            (
                each.name,
                peak_text(each.peak),
                found.places(each.loss.mean),
                found.places.interval(each.loss),
                found.places(pair.by) if pair else "",
                found.places.interval(pair) if pair else "",
            )
        )
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        yield "  ".join(f"{cell:{w}}" for cell, w in zip(row, widths, strict=True)).rstrip()
