"""A user's program, which type checkers pass: see `test_types.py`."""

from pathlib import Path
from typing import Any

import numpy as np

import glissando as gl

# composing
warmup = gl.Linear(0.0, 1e-3, steps=500)
rate = warmup >> gl.Cosine(1e-3, 1e-5, steps=9_500)
other = gl.Constant(value=0.5, steps=10) * 2 + gl.Polynomial(1.0, 0.0, 10, power=2.0) * 0.5
lowest = gl.minimum(rate, other.slow(3)).clip(1e-6, ceiling=1.0).take(100)
pieces = gl.Piecewise(values=[0.1, 0.01], boundaries=[30])
trunk = gl.Linear(0, 0.5, steps=10) >> gl.Constant(0.5).open_ended()
finished: gl.Schedule = trunk.finish(steps=100).rewarm(100, steps=10, then=rate)
branch = finished.branch(50, gl.Sqrt(1.0, 0.0, steps=20)).repeat(2).noise(0.1, seed=3)

# calling
total: float = rate(0) + rate(2.5) + rate(np.int64(3)) + rate(np.float32(0.5))
curve: "np.ndarray[tuple[int], np.dtype[np.float64]]" = rate(np.arange(3))
length: float = rate.steps
end: float = warmup.replace(steps=600).end


@gl.schedule(steps=20)
def halving(step: float) -> float:
    """Return a rate of the user's own."""
    return 0.1 if step < 10 else 0.05


own: gl.Function = halving

# a run, and a metric
run = gl.plan(samples=50_000, batch=128, epochs=90, world_size=8)
first, rest = run.split("3%", "rest")
peak: float = run.scaled(0.1, base_batch=256, rule="linear")
longer: gl.Schedule = run.scaled(rate, base_batch=256, rule="sqrt")
in_steps: int = run.steps_in(gl.duration("2 epochs"))
plateau = gl.Plateau("torch", factor=0.5, patience=2)
moved: gl.OnPlateau = plateau.on(rate, after=500)
state = moved.update(moved.init(), 1.0, step=600)
factor: float = state.factor + gl.Greedy(patience=3).init().factor

# other names, and text
annealed = gl.dialects.torch.CosineAnnealingLR(lr=0.1, T_max=30)
decayed = gl.dialects.keras.ExponentialDecay(0.1, 100, 0.9, staircase=True)
recipe: gl.Schedule = gl.recipes.one_cycle(1e-3, steps=10_000)
tip: gl.Schedule = gl.recipes.keras_tip.one_cycle()
parsed = gl.parse("linear(0, 1e-3, steps='3%') >> cosine(1e-3, 0, steps='rest')", plan=run)
text: str = gl.dumps(gl.loads(gl.dumps(parsed))) + gl.source(rate, "python")
messages: list[str] = [finding.message for finding in gl.lint(rate) if finding.step > 3]


def keep(path: Path) -> gl.Schedule:
    """Write a schedule, and read it."""
    gl.save(rate, path)
    return gl.load(path, allow_imports=["mypkg."])


def train(model: Any, optimizer: Any, trainer: Any) -> None:
    """Run a schedule in several frameworks, and draw it."""
    model.fit(callbacks=[gl.keras.LearningRateScheduler(rate)])
    scheduler = gl.torch.Scheduler(optimizer, {"lr": rate, "momentum": gl.Constant(0.9)})
    scheduler.step()
    gl.transformers.follow(trainer, rate).train()
    gl.plot({"mine": rate, "own": own}, title="rates", unit="step").show()
    rate.plot(steps=100).show()
