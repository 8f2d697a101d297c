"""The palette is legible, and told apart by eyes of every kind."""

from itertools import combinations, pairwise

import numpy as np
import pytest

from glissando.pages import COLORS, DASHES

# G. Machado et al., "A physiologically-based model for simulation of color vision deficiency",
# 2009: no sensitivity of one kind of cone
EYES = {
    "all": np.eye(3),
    "protan": [
        [0.152286, 1.052583, -0.204868],
        [0.114503, 0.786281, 0.099216],
        [-0.003882, -0.048116, 1.051998],
    ],
    "deutan": [
        [0.367322, 0.860646, -0.227968],
        [0.280085, 0.672501, 0.047413],
        [-0.011820, 0.042940, 0.968881],
    ],
    "tritan": [
        [1.255528, -0.076749, -0.178779],
        [-0.078411, 0.930809, 0.147602],
        [0.004733, 0.691367, 0.303900],
    ],
}
XYZ = [
    [0.4124564, 0.3575761, 0.1804375],
    [0.2126729, 0.7151522, 0.0721750],
    [0.0193339, 0.1191920, 0.9503041],
]


def linear(color):
    values = np.array([int(color[i : i + 2], 16) / 255 for i in (1, 3, 5)])
    return np.where(values <= 0.04045, values / 12.92, ((values + 0.055) / 1.055) ** 2.4)


def luminance(color):
    return linear(color) @ XYZ[1]


def lab(color, eyes):
    xyz = np.array(XYZ) @ np.clip(np.array(EYES[eyes]) @ linear(color), 0, 1)
    f = np.cbrt(np.maximum(xyz / [0.95047, 1.0, 1.08883], 1e-9))
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


def apart(one, other):
    return min(np.linalg.norm(lab(one, eyes) - lab(other, eyes)) for eyes in EYES)


@pytest.mark.parametrize("color", COLORS)
def test_every_color_is_legible_on_white_and_on_a_dark_page(color):
    assert 1.05 / (luminance(color) + 0.05) >= 3
    assert (luminance(color) + 0.05) / (luminance("#131518") + 0.05) >= 3


def test_neighbors_and_the_first_four_look_different_to_all_eyes():
    assert min(apart(one, other) for one, other in pairwise(COLORS)) >= 18
    assert min(apart(one, other) for one, other in combinations(COLORS[:4], 2)) >= 18
    assert min(apart(one, other) for one, other in combinations(COLORS, 2)) >= 8


def test_with_its_dash_every_line_differs():
    styles = {(i % len(COLORS), i % len(DASHES)) for i in range(24)}
    assert len(styles) == 24
