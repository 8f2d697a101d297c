"""The report: one file of HTML that needs no network, from a summary alone."""

from html import escape
from typing import Any

import plotly.graph_objects as go

from glissando.demo.data import DATA
from glissando.demo.plan import CONSTANT, TUNED
from glissando.demo.results import Row, Summary, percent, statements
from glissando.demo.store import MARK
from glissando.pages import band, chart
from glissando.pages import page as whole_page
from glissando.picture import plot

COLORS = ("#8a8f98", "#3b82f6", "#1aa37a", "#c2710c", "#a56eff", "#e5484d", "#d6409f")
"""One per schedule, legible on white and on black."""


def page(summary: Summary, command: str) -> str:
    """Return the whole report.

    Args:
        summary: what was measured.
        command: the shell command that repeats it.
    """
    setup = summary.setup
    partial = ""
    if summary.done < summary.total:
        partial = (
            f"<p class=partial><b>Partial:</b> {summary.done} of {summary.total} runs are done. "
            "The command below continues.</p>"
        )
    claims = "".join(f"<li>{escape(claim)}</li>" for claim in statements(summary))
    body = f"""<h1>Seven schedules, one network</h1>
<p class=lead>The same small Keras network learns images of {escape(DATA[setup.data].title)} for
{setup.epochs} epochs under seven learning-rate schedules, from {_count(setup.seeds, "seed")}
each.</p>
{partial}
<noscript><p class=partial>The charts need JavaScript; the table does not.</p></noscript>
<h2>The result</h2>
<ul>{claims}</ul>
{_table(summary)}
<h2>Accuracy</h2>
<p>Fraction of the validation images classified correctly after each epoch: the mean over the seeds
and, as a band, the lowest to the highest. Click a name to hide it, double-click to see it alone;
double-click the chart for its full height.</p>
{chart(_accuracies(summary.rows))}
<h2>Schedules</h2>
<p>The learning rate over the epochs, on a logarithmic axis.</p>
{chart(_rates(summary))}
<dl>{"".join(_term(row) for row in summary.rows)}</dl>
<h2>What was measured, and what was not</h2>
<ul>{"".join(f"<li>{fact}</li>" for fact in _facts(summary))}</ul>
<h2>Repeat it</h2>
<pre>{escape(command)}</pre>
<p>In the same folder it continues from the stored runs; in a new one it trains them all.</p>"""
    return whole_page(f"Learning-rate schedules on {DATA[setup.data].title}", body, MARK)


def _table(summary: Summary) -> str:
    constant, tuned = summary.row(CONSTANT), summary.row(TUNED)
    return f"""<div class=scroll><table>
<thead><tr><th rowspan=2>Schedule<th rowspan=2>Final accuracy<br><small>mean, spread</small>
<th colspan=2>Final accuracy against<th colspan=2>Epochs to the best of<th rowspan=2>CPU seconds
<br><small>mean of a run</small></tr>
<tr>{2 * f"<th>{_rate(constant)}<th>tuned {_rate(tuned)}"}</tr></thead>
<tbody>{"".join(_line(row, summary) for row in summary.rows)}</tbody>
</table></div>"""


def _line(row: Row, summary: Summary) -> str:
    done, seeds = len(row.results), _count(summary.setup.seeds, "seed")
    note = "" if done == summary.setup.seeds else f" <small>{done} of {seeds} done</small>"
    cells = [f"<th scope=row>{_swatch(row, summary)}{escape(row.name)}{note}"]
    if not row.results:
        return "<tr>" + cells[0] + 6 * "<td>–" + "</tr>"
    cells.append(f"<td><b>{percent(row.final)}</b> <small>{row.spread_text}</small>")
    references = [summary.row(name) for name in (CONSTANT, TUNED)]
    for other in references:
        verdict = row.against(other)
        cells.append(f"<td class={verdict}>{verdict}" if verdict else "<td>–")
    for other in references:
        epochs = row.epochs_to(other.best) if other.results else None
        never = "never" if other.results else "–"
        cells.append(f"<td>{epochs or never}")
    cells.append(f"<td>{row.cpu_seconds:.2f}")
    return "<tr>" + "".join(cells) + "</tr>"


def _count(number: int, what: str) -> str:
    return f"{number:,} {what}" + "s" * (number != 1)


def _rate(row: Row) -> str:
    return f"{row.schedule(0):g}" if row.schedule else "(pending)"


def _color(name: str, summary: Summary) -> str:
    return COLORS[[row.name for row in summary.rows].index(name)]


def _swatch(row: Row, summary: Summary) -> str:
    return f'<i style="background:{_color(row.name, summary)}"></i>'


def _term(row: Row) -> str:
    text = escape(str(row.schedule)) if row.schedule else "known once the tuning is done"
    return f"<dt>{escape(row.name)}<dd><code>{text}</code>"


def _facts(summary: Summary) -> list[str]:
    setup, size = summary.setup, DATA[summary.setup.data]
    results = [result for row in summary.rows for result in row.results]
    tried = "; ".join(
        f"{rate:g}: {percent(sum(values) / len(values))}" if values else f"{rate:g}: not yet"
        for rate, values in summary.trials.items()
    )
    facts = [
        f"<b>Data.</b> Images of {escape(size.title)}: {escape(size.origin)}. {size.train:,} "
        f"train the network in batches of {size.batch}; {size.tune:,} others choose the constant "
        f"rate; {size.report:,} others, which no choice has seen, give every accuracy above.",
        "<b>Optimizer.</b> Adam with Keras's defaults but the rate: the tip's rates, about 0.001, "
        "are of its scale. Glissando's Keras callback sets the rate before each epoch.",
        f"<b>Tuned constant.</b> The best of {len(summary.trials)} rates by final accuracy, on the "
        f"images set apart for it, from {_count(setup.seeds, 'seed')} of its own. Mean accuracies "
        f"there: {tried}.",
        "<b>Warm-up then cosine.</b> Its peak is the tuned constant rate; it was not tuned itself, "
        "nor were the tip's five.",
        "<b>Seeds.</b> A seed draws the first weights and the order of the images, the same for "
        "each schedule. A seed gives the same accuracies again on one machine with one backend; "
        "another machine or backend may round differently.",
        "<b>CPU seconds.</b> The processor time of the training process while it fits and "
        "validates; compiling is left out. All schedules do the same work, so the differences are "
        "the machine's.",
        "<b>Not measured.</b> Other networks, data, optimizers, and numbers of epochs. That one "
        "schedule wins here does not say that it wins elsewhere.",
    ]
    if results:
        parameters = " or ".join(f"{n:,}" for n in sorted({r["parameters"] for r in results}))
        machines = "; ".join(sorted({result["machine"] for result in results}))
        facts.insert(
            1,
            f"<b>Network.</b> Two convolutions and two dense layers, {parameters} parameters, "
            f"cross-entropy. {escape(setup.versions)}, on the CPU, one thread a process. "
            f"{escape(machines)}.",
        )
        facts.insert(3, f"<b>Rates used.</b> {_rates_used(summary)}")
    if setup.epochs != 20:
        facts.append(
            f"<b>Length.</b> The tip's schedules are made for 20 epochs; here they ran for "
            f"{setup.epochs}, not stretched."
        )
    return facts


def _rates_used(summary: Summary) -> str:
    pairs = [
        (used, row.schedule(epoch))
        for row in summary.rows
        if row.schedule
        for result in row.results
        for epoch, used in enumerate(result["rates"])
    ]
    wrong = sum(abs(used - rate) > 1e-6 * rate for used, rate in pairs)
    if wrong:
        return (
            f"Keras reports another rate than the schedule's in {wrong:,} of {len(pairs):,} epochs!"
        )
    return (
        f"In all {len(pairs):,} epochs the rate that Keras reports is the schedule's (to float32)."
    )


def _rates(summary: Summary) -> Any:
    drawn = {row.name: row.schedule for row in summary.rows if row.schedule}
    figure = plot(drawn, unit="epoch", steps=summary.setup.epochs)
    for trace in figure.data:
        trace.line.color = _color(trace.name, summary)
        trace.line.width = 2
    figure.update_traces(hovertemplate="%{y:.3g}")
    figure.update_yaxes(type="log", dtick=1, rangemode="normal")
    return figure


def _accuracies(rows: tuple[Row, ...]) -> Any:
    figure = go.Figure()
    drawn = [(row, color) for row, color in zip(rows, COLORS, strict=True) if row.results]
    for row, color in drawn:
        epochs = list(range(1, row.curves.shape[1] + 1))
        low, high = row.curves.min(axis=0).tolist(), row.curves.max(axis=0).tolist()
        band(figure, epochs, low, high, color, row.name)
    for row, color in drawn:
        figure.add_scatter(
            x=epochs,
            y=row.curves.mean(axis=0).tolist(),
            mode="lines",
            line={"color": color, "width": 2},
            hovertemplate="%{y:.1%}",
            name=row.name,
            legendgroup=row.name,
        )
    figure.update_xaxes(title="epochs trained")
    figure.update_yaxes(title="validation accuracy", tickformat=".0%")
    if drawn:  # the first epochs, all far below, would squeeze the rest
        quarter = max(1, len(epochs) // 4)
        low = min(float(row.curves[:, quarter - 1 :].mean(axis=0).min()) for row, _ in drawn)
        high = max(float(row.curves.max()) for row, _ in drawn)
        figure.update_yaxes(range=[low - 0.01, high + 0.005])
    return figure
