"""Draws the documentation's pictures that show what code does: `python docs/draw.py`.

`on_mismatch.svg` has the rates of real updates; `designer.png` is a browser's picture of the real
page, and needs chromium.
"""

import shutil
import tempfile
from pathlib import Path
from typing import Any

import torch
from matplotlib import rc_context
from matplotlib.figure import Figure
from playwright.sync_api import sync_playwright

import glissando as gl
from glissando.designer.page import page
from glissando.pages import COLORS, GRAY
from glissando.picture.paper import DASH_PATTERNS, STYLE, image

PICTURES = Path(__file__).parent / "pictures"

STEPS, RESUMED = 100, 60

SAVED = gl.Linear(0.0, 0.1, steps=10) >> gl.Cosine(0.1, 0.0, steps=STEPS - 10)
NEW = gl.Linear(0.0, 0.1, steps=10) >> gl.Cosine(0.1, 0.0, steps=2 * STEPS - 10)

POLICIES = {
    "keep": "go on with the saved schedule",
    "replace": "the new one, at the same step",
    "continue": "the new one, scaled: no jump",
    "rewarm": "the new one, from its own step 0",
}


def rates_of(updates: int, policy: Any = None) -> list[float]:
    """Return the rates of all updates of a training that is resumed with another schedule."""
    optimizer, scheduler = _training(SAVED)
    rates = _trained(optimizer, scheduler, RESUMED)
    state = scheduler.state_dict()
    optimizer, scheduler = _training(NEW)
    scheduler.load_state_dict(state, on_mismatch=policy)
    return rates + _trained(optimizer, scheduler, updates - RESUMED)


def _training(rate: gl.Schedule) -> tuple[torch.optim.Optimizer, gl.torch.Scheduler]:
    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))])
    return optimizer, gl.torch.Scheduler(optimizer, rate, on_length="ignore")


def _trained(
    optimizer: torch.optim.Optimizer, scheduler: gl.torch.Scheduler, updates: int
) -> list[float]:
    rates = []
    for _ in range(updates):
        rates.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        scheduler.step()
    return rates


def mismatches() -> bytes:
    """Return a picture of what each policy does at the same resume, as SVG."""
    end = 2 * STEPS + RESUMED
    with rc_context(STYLE):
        figure = Figure((6.4, 4.6), layout="constrained")
        axes = figure.subplots(2, 2, sharex=True, sharey=True)
        for axis, (policy, words) in zip(axes.flat, POLICIES.items(), strict=True):
            plans = [
                axis.plot([rate(step) for step in range(end)], **_line(1, GRAY, dash))[0]
                for rate, dash in ((SAVED, "dash"), (NEW, "dot"))
            ]
            used = axis.plot(rates_of(end, policy), **_line(1.8, COLORS[0], "solid"))[0]
            axis.axvline(RESUMED, color=GRAY, linewidth=0.6)
            axis.set_title(f'"{policy}": {words}', fontsize=9)
            axis.grid(color=GRAY, alpha=0.25, linewidth=0.5)
            axis.margins(x=0.01)
        axes[0, 0].annotate("resumed", (RESUMED + 4, 0.104), fontsize=8, va="top")
        for axis in axes[:, 0]:
            axis.set_ylabel("learning rate")
        for axis in axes[1]:
            axis.set_xlabel("step")
        names = ["the rates of the updates", f"saved: {STEPS} steps", f"new: {2 * STEPS} steps"]
        figure.legend([used, *plans], names, loc="outside lower center", ncols=3, frameon=False)
    return image(figure, "svg")


def _line(width: float, color: str, dash: str) -> dict[str, Any]:
    return {"linewidth": width, "color": color, "linestyle": DASH_PATTERNS[dash]}


def designer() -> bytes:
    """Return a picture of the designer, as a browser shows it, as PNG."""
    shown = {
        "mine": gl.Linear(0.0, 1e-3, steps=500)
        >> gl.Constant(1e-3, steps=6_000)
        >> gl.Linear(1e-3, 0.0, steps=3_500),
        "cosine": gl.recipes.warmup_cosine(1e-3, steps=10_000, warmup=500),
        "1cycle": gl.recipes.one_cycle(1e-3, steps=10_000),
    }
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        path = Path(folder) / "designer.html"
        path.write_text(page(shown), encoding="utf-8")
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox"]
        )
        window = browser.new_page(
            viewport={"width": 1200, "height": 800}, color_scheme="light", reduced_motion="reduce"
        )
        window.goto(path.as_uri())
        window.wait_for_selector("canvas")
        taken = window.screenshot()
        browser.close()
    return taken


if __name__ == "__main__":
    (PICTURES / "on_mismatch.svg").write_bytes(mismatches())
    (PICTURES / "designer.png").write_bytes(designer())
