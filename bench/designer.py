"""Prints how long the designer takes to redraw ten schedules of a million steps each.

    python bench/designer.py [REDRAWS]

Chromium draws them on a page of 1440 by 900 pixels. A handle of one schedule is dragged: first
inside the run, where nine lines stay as they are, then past the last of its end, so that the axis
grows and all ten lines are computed again. What is timed is all that a move of the pointer does
until the canvas is drawn, and after it the time until the next frame is on its way.
"""

import shutil
import statistics
import sys

from playwright.sync_api import sync_playwright

import glissando as gl
from glissando.designer.page import bundle

STEPS = 1_000_000

MEASURE = """async ([bundle, state, redraws]) => {
  const module = URL.createObjectURL(new Blob([bundle], {type: "text/javascript"}));
  const {mount} = await import(module);
  const designer = mount(document.body, {state});
  const frame = () => new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
  await frame();
  const drag = async (label, dx) => {
    const handle = document.querySelector(`[aria-label="${label}"]`);
    const {left, top} = handle.getBoundingClientRect();
    const send = (type, x, y) => handle.dispatchEvent(
      new PointerEvent(type, {clientX: x, clientY: y, bubbles: true, pointerId: 1}));
    handle.setPointerCapture = () => {};
    const times = [];
    const frames = [];
    send("pointerdown", left, top);
    for (let i = 1; i <= redraws; i++) {
      const begun = performance.now();
      send("pointermove", left + dx * i, top + (i % 50));
      await null;
      times.push(performance.now() - begun);
      await frame();
      frames.push(performance.now() - begun);
    }
    send("pointerup", left, top);
    await frame();
    return [times, frames];
  };
  return [await drag("Corner of segments 2 and 3", -1), await drag("End of segment 3", 1)];
}"""


def schedules() -> dict[str, gl.Schedule]:
    """Return ten schedules of a million steps: warm-up, plateau, and ten kinds of cooldown."""
    last = [
        gl.Cosine(1e-3, 0.0, 600_000),
        gl.Linear(1e-3, 1e-5, 600_000),
        gl.LogLinear(1e-3, 1e-6, 600_000),
        gl.Polynomial(1e-3, 0.0, 600_000, power=2.0),
        gl.Sqrt(1e-3, 0.0, 600_000),
        gl.Rex(1e-3, 0.0, 600_000),
        gl.Tanh(1e-3, 0.0, 600_000),
        gl.KDecay(1e-3, 0.0, 600_000, power=3.0),
        gl.CosinePower(1e-3, 0.0, 600_000, power=2.0),
        gl.Cosine(1e-3, 1e-4, 60_000).repeat(10),
    ]
    begin = gl.Linear(0.0, 1e-3, 100_000) >> gl.Constant(1e-3, 300_000)
    return {type(each).__name__: begin >> each for each in last}


def main() -> None:
    """Measure and print."""
    redraws = int(sys.argv[1]) if len(sys.argv) > 1 else 200
    shown = [{"name": name, "schedule": each.to_data()} for name, each in schedules().items()]
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox"]
        )
        page = chromium.new_page(viewport={"width": 1440, "height": 900})
        found = page.evaluate(MEASURE, [bundle(), {"schedules": shown}, redraws])
        chromium.close()
    print(f"{'ten schedules of 1,000,000 steps':<40}{'median':>10}{'95 %':>10}{'frame':>10}")
    for name, (times, frames) in zip(["one line anew", "all ten lines anew"], found, strict=True):
        most = statistics.quantiles(times, n=20)[-1]
        middle = statistics.median(times)
        shown_at = statistics.median(frames)
        print(f"{name:<40}{middle:>7.1f} ms{most:>7.1f} ms{shown_at:>7.1f} ms")


if __name__ == "__main__":
    main()
