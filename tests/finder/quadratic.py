"""Gradient descent on a quadratic, whose edge is known: 2 over the largest curvature."""

import numpy as np

from glissando.finder.training import Training


class Quadratic(Training):
    """`loss = ½ Σ λ x²`, with noise on the gradient or none, from a start that a seed draws."""

    def __init__(self, curvatures, noise=0.0, seed=0, at=None):
        self.curvatures = np.array(curvatures, float)
        self.noise = noise
        self.draw = np.random.default_rng(seed)
        self.x = self.draw.standard_normal(len(self.curvatures)) if at is None else np.array(at)
        self.updates = 0

    @property
    def edge(self):
        return 2 / self.curvatures.max()

    def step(self, rate):
        self.updates += 1
        with np.errstate(over="ignore", invalid="ignore"):
            loss = float(0.5 * self.curvatures @ self.x**2)
            noise = self.noise * self.draw.standard_normal(len(self.x))
            self.x = self.x - rate * (self.curvatures * self.x + noise)
        return loss

    def save(self):
        return self.x.copy(), self.draw.bit_generator.state

    def restore(self, state):
        self.x = state[0].copy()
        self.draw.bit_generator.state = state[1]

    def reseed(self, seed):
        self.draw = np.random.default_rng([seed, int(abs(self.x[0]) * 1e9)])
