"""Small real trainings, good and bad, and runs that a law describes: each in milliseconds."""

import math
from functools import cache

import numpy as np

import glissando as gl
from glissando.forecasting.laws import MultiPower

CLASSES = 10


class Net:
    """A network with one hidden layer, trained by SGD with momentum."""

    def __init__(self, random, inputs, hidden=32):
        first = random.normal(size=(inputs, hidden)) * math.sqrt(2 / inputs)
        second = random.normal(size=(hidden, CLASSES)) * 0.5 / math.sqrt(hidden)
        self.weights = [first, np.zeros(hidden), second, np.zeros(CLASSES)]
        self.momenta = [np.zeros_like(weight) for weight in self.weights]

    def loss(self, inputs, labels, rate=None):
        """Return the cross-entropy in nats; with a rate, also make an update."""
        first, bias, second, end = self.weights
        hidden = np.maximum(inputs @ first + bias, 0)
        scores = hidden @ second + end
        scores -= scores.max(axis=1, keepdims=True)
        shares = np.exp(scores)
        shares /= shares.sum(axis=1, keepdims=True)
        rows = np.arange(len(labels))
        loss = -float(np.log(np.maximum(shares[rows, labels], 1e-300)).mean())
        if rate is not None:
            shares[rows, labels] -= 1
            shares /= len(labels)
            back = (shares @ second.T) * (hidden > 0)
            slopes = [inputs.T @ back, back.sum(0), hidden.T @ shares, shares.sum(0)]
            for i, slope in enumerate(slopes):
                self.momenta[i] = 0.9 * self.momenta[i] + slope
                self.weights[i] = self.weights[i] - rate * self.momenta[i]
        return loss

    def state(self):
        return list(self.weights), list(self.momenta)


def schedule(random, peak, steps):
    """Return one of six shapes: warm-up, then a decay, a cooldown, a drop, or 1cycle."""
    warm = steps // 20
    cool = steps // 5
    ramp, stable = gl.Linear(0.0, peak, steps=warm), gl.Constant(peak, steps=steps - warm - cool)
    return [
        ramp >> gl.Cosine(peak, 0.0, steps=steps - warm),
        ramp >> gl.Linear(peak, 0.0, steps=steps - warm),
        ramp >> stable >> gl.Linear(peak, 0.0, steps=cool),
        ramp >> stable >> gl.Constant(peak / 10, steps=cool),
        ramp >> stable >> gl.Constant(peak, steps=cool),
        gl.recipes.one_cycle_torch(peak, steps=steps),
    ][random.integers(6)]


def train(kind, seed, steps=400):
    """Return a run on data that a random network has labeled.

    Args:
        kind: "good", "overfit" (few samples, many passes), "diverging" (at 100 to 3,000 times the
            rate), "shuffled" (the labels), or "restarted" (from an older state).
        seed: the seed of everything.
        steps: how many updates.
    """
    random = np.random.default_rng([seed, sum(map(ord, kind))])
    teacher = [random.normal(size=shape) for shape in ((20, 40), (40, CLASSES))]
    center = (np.maximum(random.normal(size=(2000, 20)) @ teacher[0], 0) @ teacher[1]).mean(0)

    def sample(count):
        inputs = random.normal(size=(count, 20))
        scores = np.maximum(inputs @ teacher[0], 0) @ teacher[1] - center
        labels = (scores + random.gumbel(size=scores.shape) * 2).argmax(1)
        return inputs, random.permutation(labels) if kind == "shuffled" else labels

    held_out, few = sample(1000), sample(100)
    peak = 0.015 * math.exp(0.5 * random.normal())
    if kind == "overfit":
        peak, steps = 0.05, 2 * steps
    elif kind == "diverging":
        peak *= math.exp(random.uniform(math.log(100), math.log(3000)))
    rates = schedule(random, peak, steps)
    net, older = Net(random, inputs=20), None
    back = random.integers(steps // 3, steps * 4 // 5)
    every = steps // random.choice([10, 20, 40])
    at, losses = [], []
    for step in range(steps):
        if kind == "restarted":
            if step == back // 10:
                older = net.state()
            if step == back:
                net.weights, net.momenta = older
        inputs, labels = sample(32)
        if kind == "overfit":
            some = random.integers(0, len(few[0]), 32)
            inputs, labels = few[0][some], few[1][some]
        with np.errstate(all="ignore"):
            net.loss(inputs, labels, rates(step))
            if (step + 1) % every == 0:
                at.append(step + 1)
                losses.append(net.loss(*held_out))
    losses = [min(loss, 1e29) if math.isfinite(loss) else math.inf for loss in losses]
    return gl.Curve(rates, steps=at, losses=losses, kind="validation")


def shows(kind, curve):
    """Return whether a bad run shows that it is bad: few samples need not overfit."""
    if kind not in ("overfit", "diverging") or curve.diverged:
        return True
    losses = np.array(curve.losses)
    worse = 1.04 if kind == "overfit" else 1.1
    return losses[-2:].min() > worse * ((losses[1:] + losses[:-1]) / 2).min()


@cache
def from_law(seed):
    """Return a run that a law describes, with noise, and often a spike of one loss."""
    random = np.random.default_rng(seed)
    steps, peak = int(random.choice([2000, 20_000])), 1e-3
    count = int(random.choice([10, 20, 60, 200]))
    rates = schedule(random, peak, steps)
    if random.random() < 0.2:  # the rate is raised again
        rates = (
            gl.Linear(0.0, peak, steps=100)
            >> gl.Linear(peak, peak / 10, steps=steps // 2 - 100)
            >> gl.Constant(peak, steps=steps // 4)
            >> gl.Linear(peak, 0.0, steps=steps // 4)
        )
    law = MultiPower(
        random.uniform(0.5, 3.2),
        random.uniform(0.15, 0.5),
        random.uniform(0.3, 0.6),
        random.uniform(0.05, 0.2),
        10 ** random.uniform(1.5, 3.5),
        random.uniform(0.4, 0.7),
        random.uniform(0.5, 0.7),
        rate=peak,
        steps=float(steps),
    )
    at = np.unique(np.linspace(steps / 20, steps, count).astype(int))
    noise = random.choice([3e-4, 2e-3, 5e-3, 2e-2 if count >= 60 else 1e-3])
    losses = law.losses(law.history(rates, at.tolist())) * (1 + noise * random.normal(size=len(at)))
    if random.random() < 0.3:
        losses[random.integers(3, len(losses))] *= random.uniform(1.1, 2)
    return gl.Curve(rates, steps=at.tolist(), losses=losses.tolist(), kind="validation")


def bend(kind, curve, seed):
    """Return a good run made bad: "overfit", "diverging", "shuffled" or "restarted"."""
    random = np.random.default_rng([seed, 1])
    losses, at = np.array(curve.losses), np.array(curve.steps) / curve.steps[-1]
    count = len(losses)
    begin = int(count * random.uniform(0.3, 0.8))
    if kind == "overfit":
        after = np.clip(at - at[begin], 0, None) / (1 - at[begin])
        size = losses[begin] - losses[-1] + random.uniform(0.1, 0.4) * losses[-1]
        losses = losses + size * after ** random.choice([1, 1.5, 2])
    elif kind == "diverging":
        top = random.uniform(1.3, 2.5) * losses[begin]
        slow = -np.expm1(-np.arange(count - begin) / (count * random.uniform(0.01, 0.1)))
        losses[begin:] += (top - losses[begin]) * slow
    elif kind == "shuffled":
        chance = math.log(random.choice([2, 10, 100, 50_000]))
        noise = random.choice([5e-4, 3e-3, 1e-2]) * random.normal(size=count)
        losses = chance * (1 + 0.05 * np.exp(-at / 0.01) + noise)
    else:
        losses[begin:] = losses[: count - begin]
    return curve.replace(losses=losses.tolist())
