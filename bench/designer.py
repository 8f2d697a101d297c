"""Prints how long the designer takes to redraw ten schedules of a million steps each.

    python bench/designer.py [REDRAWS]

Chromium draws them on a page of 1440 by 900 pixels. First a corner of one is dragged, while nine
lines stay as they are; then all ten schedules change at once, and are built, computed and drawn
anew. What is timed is all that happens until the canvas is drawn, and after it the time until the
next frame is on its way.
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
  const measured = async (change) => {
    const times = [];
    const frames = [];
    for (let i = 1; i <= redraws; i++) {
      const begun = performance.now();
      change(i);
      await null;
      times.push(performance.now() - begun);
      await frame();
      frames.push(performance.now() - begun);
    }
    return [times, frames];
  };
  const handle = document.querySelector('[aria-label="Corner of segments 2 and 3"]');
  const {left, top} = handle.getBoundingClientRect();
  const send = (type, x, y) => handle.dispatchEvent(
    new PointerEvent(type, {clientX: x, clientY: y, bubbles: true, pointerId: 1}));
  handle.setPointerCapture = () => {};
  send("pointerdown", left, top);
  const one = await measured((i) => send("pointermove", left - (i % 300), top + (i % 50)));
  send("pointerup", left, top);
  const all = await measured((i) => {
    const next = structuredClone(state);
    for (const {schedule} of next.schedules) {
      schedule.parts[0].steps -= 100 * i;
      schedule.parts[1].steps += 100 * i;
    }
    designer.set(next);
  });
  return [one, all];
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
