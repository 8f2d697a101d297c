"""Pages: one file of HTML that needs no network, in light and dark."""

from collections.abc import Iterable, Sequence
from html import escape
from typing import Any

GRAY = "#808690"

COLORS = (
    "#025bfe", "#d30f09", "#c06697", "#4e9368", "#ab26b2", "#586c18", "#8877be", "#bf2952",
)  # fmt: skip
"""One for each curve: 3 to 1 against white and against a dark page, and neighbors look different
to eyes of every kind."""

DASHES = ("solid", "dash", "dot", "dashdot", "longdash", "longdashdot")
"""One for each curve beside its color: of two curves that coincide both are seen."""

LONGEST = 40
"""How long a name may be in a chart's legend."""


def cut(text: str, most: int) -> str:
    """Return a text that is not too long."""
    return text if len(text) <= most else f"{text[: most - 1]}…"


def new_figure() -> Any:
    """Return an empty Plotly figure.

    Raises:
        ImportError: plotly is not installed.
    """
    try:
        import plotly.graph_objects as go
    except ImportError as error:
        raise ImportError('a chart needs plotly: pip install "glissando[plot]"') from error
    return go.Figure()


def page(title: str, body: str, head: str = "") -> str:
    """Return a whole page; its charts need the script that is in it.

    Args:
        title: the title, as text.
        body: what it shows, as HTML.
        head: more for its head, as HTML.
    """
    from plotly.offline import get_plotlyjs

    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
{head}
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{escape(title)}</title>
<style>{STYLE}</style>
<script>{get_plotlyjs()}</script>
</head>
<body>
{body}
</body>
</html>
"""


def chart(figure: Any, height: int = 460) -> str:
    """Return a Plotly figure as a part of a page, without its title; names are texts, not HTML."""
    figure.for_each_trace(
        lambda trace: trace.update(name=escape(cut(trace.name or "", LONGEST), quote=False))
    )
    grid = {"gridcolor": "rgba(128,134,144,.25)", "zeroline": False, "linecolor": GRAY}
    figure.update_xaxes(**grid)
    figure.update_yaxes(**grid)
    figure.update_layout(
        title=None,
        height=height,
        margin={"l": 70, "r": 20, "t": 20, "b": 60},
        paper_bgcolor="rgba(0,0,0,0)",
        plot_bgcolor="rgba(0,0,0,0)",
        font={"family": "system-ui, sans-serif", "color": GRAY, "size": 13},
        hovermode="x unified",
        legend={"orientation": "h", "yref": "container", "y": 0, "yanchor": "bottom"},
        legend_tracegroupgap=0,
    )
    html = figure.to_html(
        full_html=False,
        include_plotlyjs=False,
        config={"displayModeBar": False, "responsive": True},
    )
    return f"<figure>{html}</figure>"


def table(head: Sequence[str], rows: Iterable[Sequence[object]], kind: str = "") -> str:
    """Return a table of texts; the first cell of a row is its name.

    Of the `kind` "prose" the last cells are sentences.
    """
    titles = "".join(f"<th>{escape(title)}" for title in head)
    lines = "".join(
        f"<tr><th scope=row>{escape(str(name))}" + "".join(f"<td>{escape(str(c))}" for c in cells)
        for name, *cells in rows
    )
    opening = f"<table class={kind}>" if kind else "<table>"
    body = f"<thead><tr>{titles}</thead><tbody>{lines}</tbody>"
    return f"<div class=scroll>{opening}{body}</table></div>"


def sentences(texts: Iterable[str], kind: str = "") -> str:
    """Return sentences as a list; nothing where there are none."""
    lines = "".join(f"<li>{escape(text)}" for text in texts)
    opening = f"<ul class={kind}>" if kind else "<ul>"
    return f"{opening}{lines}</ul>" if lines else ""


def band(
    figure: Any,
    x: Sequence[float],
    low: Sequence[float],
    high: Sequence[float],
    color: str,
    group: str,
) -> None:
    """Draw a band about a curve of a figure, hidden and shown with its group."""
    figure.add_scatter(
        x=[*x, *reversed(x)],
        y=[*high, *reversed(low)],
        fill="toself",
        fillcolor=color,
        opacity=0.18,
        line_width=0,
        mode="lines",
        hoverinfo="skip",
        showlegend=False,
        legendgroup=group,
    )


STYLE = """
:root { color-scheme: light dark; --text: #1c2024; --soft: #60646c; --line: #d9dde3;
  --page: #fff; --box: #f4f6f8; --good: #1a7f4b; --bad: #c62a2f; }
@media (prefers-color-scheme: dark) {
  :root { --text: #e6e8eb; --soft: #9ba1a9; --line: #33383f; --page: #131518; --box: #1d2025;
    --good: #4cc38a; --bad: #ff7b7f; } }
body { margin: 3rem auto; padding: 0 1.25rem; max-width: 62rem; background: var(--page);
  color: var(--text); font: 16px/1.55 system-ui, sans-serif; }
h1 { font-size: 2rem; line-height: 1.2; margin-bottom: .5rem; }
h2 { font-size: 1.3rem; margin: 2.5rem 0 .5rem; }
h3 { font-size: 1rem; margin: 1.5rem 0 0; }
.lead { font-size: 1.15rem; color: var(--soft); margin-top: 0; }
.partial, .doubts { padding: .6rem 1rem; border-left: 4px solid #e0a100; background: var(--box); }
small, dd { color: var(--soft); }
li { margin: .4rem 0; }
figure { margin: 0; }
ul.doubts { padding-left: 2rem; }
.prose td:last-child, .prose th:last-child { white-space: normal; text-align: left;
  min-width: 24rem; }
.scroll { overflow-x: auto; margin-top: 1.5rem; }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
th, td { padding: .45rem .55rem; text-align: right; white-space: nowrap;
  border-bottom: 1px solid var(--line); }
th { font-weight: 600; vertical-align: bottom; }
th:first-child, tbody th { text-align: left; }
thead tr:nth-child(2) th { text-align: right; font-weight: 400; }
thead th[colspan] { text-align: center; }
tbody th { font-weight: 400; white-space: normal; }
tbody th, td { vertical-align: top; }
i { display: inline-block; width: .8em; height: .8em; border-radius: 2px; margin-right: .6em; }
.above { color: var(--good); } .below { color: var(--bad); } .level { color: var(--soft); }
dl { display: grid; grid-template-columns: fit-content(20rem) 1fr; gap: .3rem 1.2rem; }
dd { margin: 0; }
@media (max-width: 40rem) { dl { display: block; } dt { margin-top: .6rem; } }
code, pre { font: 14px/1.5 ui-monospace, monospace; }
pre { padding: .9rem 1rem; background: var(--box); border-radius: 6px; overflow-x: auto; }
"""
