"""Another schedule of the same name: another shape, another end, a step more or less."""

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from glissando.checks.sieve import shortest
from glissando.checks.view import Explanation, View

NAME = "another schedule of the same name"

Shape = Callable[[Any], Any]

SHAPES: dict[str, Shape] = {
    "linear": lambda x: 1 - x,
    "cosine": lambda x: (1 + np.cos(np.pi * x)) / 2,
    "polynomial of power 2": lambda x: (1 - x) ** 2,
    "polynomial of power 3": lambda x: (1 - x) ** 3,
    "square-root polynomial": lambda x: np.sqrt(1 - x),
    "1 − √": lambda x: 1 - np.sqrt(x),
    "constant": lambda x: np.ones_like(x),
}
"""How much of a decay is left when a part of it is done."""


def explain(view: View) -> Iterator[Explanation]:
    """Yield the decay in another shape, to another end, or over other steps."""
    for begin, end, warm, words in _spans(view):
        for name, shape in [("its own shape", None), *SHAPES.items()]:
            if (shape is None and not words) or not end > begin:
                continue
            found = _to_its_end(view, begin, end, warm, name, shape, words)
            if found is not None:
                yield found
                return
    yield from _another_end(view)


def _curve(
    view: View, begin: float, end: float, warm: float, shape: Shape | None, floor: float
) -> Callable[[Any], Any]:
    meant = view.meant

    def left(k: Any) -> Any:
        done = np.clip((k - begin) / max(end - begin, 1), 0, 1)
        if shape is not None:
            return shape(done)
        return meant.left(meant.warmed + done * (meant.end - meant.warmed))

    def curve(k: Any) -> Any:
        rise = meant.first + (meant.peak - meant.first) * meant.warm(k + warm)
        return np.where(k + warm < meant.warmed, rise, floor + (meant.peak - floor) * left(k))

    return curve


def _spans(view: View) -> Iterator[tuple[float, float, float, str]]:
    """Yield where the decay may begin and end, and by how much the warm-up is early."""
    meant = view.meant
    own, warm, decays = meant.end, meant.warmed, meant.decays
    yield warm, own, 0, ""
    if decays != warm:
        yield decays, own, 0, ""
    for early in (0, 1):
        first = f"its warm-up is {early} update early, " if early else ""
        for begin in dict.fromkeys((warm, warm - early, decays)):
            for end in (own - 1, own, own + 1):
                if early or end != own:
                    yield begin, end, early, f"{first}its decay is from {begin:,} to {end:,}"
    if warm:
        yield 0, own, 0, "its decay is counted from update 0"
        yield warm, own + warm, 0, "its decay is counted without its warm-up"
        yield 0, own - warm, 0, "its decay is counted from update 0, without its warm-up"


def _to_its_end(
    view: View,
    begin: float,
    end: float,
    warm: float,
    name: str,
    shape: Shape | None,
    words: str,
) -> Explanation | None:
    curve = _curve(view, begin, end, warm, shape, view.meant.floor)
    rates = view.logged(curve)
    if not view.explains(rates):
        return None
    what = "" if shape is None else f"the decay is {name}"
    sentence = "; ".join(filter(None, (what, words)))
    cost = 8.0 + (2 if words else 0) + (0 if shape is None else 1) + 5 * (name == "constant")
    return Explanation(NAME, sentence, {"shape": name, "end": end}, cost, rates, (), curve)


def _another_end(view: View) -> Iterator[Explanation]:
    """Yield a decay of some shape to another rate, from the same peak."""
    meant = view.meant
    for name, shape in [("its own shape", None), *SHAPES.items()]:
        if name == "constant":
            continue
        for begin in dict.fromkeys((meant.warmed, meant.decays)):
            low, high = (
                view.logged(_curve(view, begin, meant.end, 0, shape, floor))
                for floor in (0.0, meant.peak)
            )
            found = view.between(low, high)
            if found is None or found[1] < 0:
                continue
            part = shortest(*found)
            yield Explanation(
                NAME,
                f"the decay, in {name if shape is None else 'the shape ' + name}, ends at "
                f"{part * meant.peak:.6g}, and not at {meant.floor:.6g}",
                {"shape": name, "floor": part * meant.peak},
                14.0 + (0 if shape is None else 2),
                low + (high - low) * part,
                (),
                _curve(view, begin, meant.end, 0, shape, part * meant.peak),
            )
            return
