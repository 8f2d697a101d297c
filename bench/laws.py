"""Print how far forecasts are from published runs: `make laws`."""

import json
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import glissando as gl
from bench.forecast.report import Score, markdown

CURVES = Path(__file__).with_name("data") / "curves.jsonl"

NOISE = SimpleNamespace(floor=0.0014, order=0.0015)
"""Two runs of one configuration differ by 0.0014 nats; pairs further apart than 0.006 count."""

SIZES = ("25M", "100M")
PEAKS = ("0.0005", "0.001", "0.002")


def published() -> dict[str, gl.Curve]:
    """Return the published runs by their names."""
    lines = CURVES.read_text().splitlines()
    curves = map(gl.Curve.from_data, map(json.loads, lines))
    return {curve.name: curve for curve in curves}


def of_size(size: str, *shapes: str) -> tuple[list[gl.Curve], dict[str, gl.Curve]]:
    """Return the pilots of a size, and its other runs."""
    runs = {name: curve for name, curve in published().items() if name.startswith(f"{size} ")}
    pilots = [runs.pop(f"{size} {shape}") for shape in shapes]
    return pilots, runs


def of_grid(end: int) -> tuple[list[gl.Curve], dict[str, gl.Curve]]:
    """Return a trunk and one cooldown that ends at a step, at each peak, and what is forecast."""
    runs = published()
    pilots = []
    for peak in PEAKS:
        pilots += [runs[f"124M {peak} trunk"].until(end), runs[f"124M {peak} pilot at {end}"]]
    held = {name: c for name, c in runs.items() if name[:4] == "124M" and "pilot" not in name}
    return pilots, held


def asked() -> Iterator[tuple[str, list[gl.Curve], dict[str, gl.Curve]]]:
    """Yield what is forecast from what."""
    for size in SIZES:
        yield f"{size}, one WSD run of 24,000 steps", *of_size(size, "wsdld_20000_24000")
    for size in SIZES:
        yield f"{size}, one cosine of 24,000 steps", *of_size(size, "cosine_24000")
    for end in (35_000, 25_000):
        yield f"124M at 3 peaks, trunk and cooldown to {end:,}", *of_grid(end)


def scored(pilots: list[gl.Curve], held: dict[str, gl.Curve]) -> tuple[Score, float]:
    """Return how well the last losses are foretold, and how many of the intervals hold them."""
    forecast = gl.forecast(pilots)
    found = {name: forecast(curve.schedule, curve.steps[-1]) for name, curve in held.items()}
    score = Score.of(
        {n: p.loss for n, p in found.items()}, {n: c.last for n, c in held.items()}, NOISE
    )
    inside = [p.low <= held[name].last <= p.high for name, p in found.items()]
    return score, sum(inside) / len(inside)


def main() -> None:
    """Print the table, in Markdown."""
    rows = []
    for name, pilots, held in asked():
        score, inside = scored(pilots, held)
        rows.append([name, str(len(held)), *score.cells, f"{inside:.0%}"])
    print(markdown(["pilots", "forecast", *Score.heads, "held by intervals"], rows))


if __name__ == "__main__":
    main()
