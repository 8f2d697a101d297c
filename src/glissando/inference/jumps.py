"""At which step a rate jumps, if that lies between two rows: where it makes round numbers."""

import math
from collections.abc import Sequence

import numpy as np

from glissando.inference.numbers import MOST as MOST_DIGITS
from glissando.inference.numbers import decimal, digits, roundness, whole
from glissando.inference.pieces import Piece
from glissando.inference.rows import Rows
from glissando.inference.shapes import CONSTANT, SQRT

MOST = 3000
"""Between rows farther apart than this only the roundest step itself is taken."""

NEAR = 1e-8
"""By what part of itself a rate is found beyond the rows of its piece, at best."""

PARTS = (1.0, 0.5, 0.1)
"""What parts of an earlier rate are as short as a number of one digit."""


def likeliest(
    left: Piece,
    right: Piece,
    gap: tuple[float, float],
    rows: Rows,
    origins: tuple[float, ...],
    rates: Sequence[float],
) -> int | None:
    """Return the step of a jump after which the description is shortest.

    Its own digits count, from 0, from where the left piece begins or to where the right one ends,
    and those of the rate to which the left piece comes and of that from which the right one starts.

    Args:
        left: the piece before the jump.
        right: the piece after it.
        gap: between what steps it lies.
        rows: all rows.
        origins: from where steps are counted.
        rates: earlier rates, to which it may return.
    """
    low, high = math.ceil(gap[0]), math.floor(gap[1])
    if right.shape.bounded and right.shape is not SQRT and right.fit.shape is right.shape:
        end = right.fit.extent()[1]
        origins = (*origins, float(round(end))) if math.isfinite(end) else origins
    if high - low > MOST:
        return whole(low, high, high, origins)
    steps = np.arange(low, high + 1)
    if not len(steps):
        return None
    costs = np.array([roundness(int(step), origins) for step in steps])
    for piece, row, known in ((left, left.stop - 1, ()), (right, right.first, rates)):
        told = piece.shape is not CONSTANT and piece.fit.shape is piece.shape
        if not told or (piece is left and piece.shape.positive):  # its pace is known instead
            continue
        at = np.nan_to_num(piece.fit.at(steps), nan=-1.0)
        error = 2 * float(rows.errors[row])
        costs = costs + [_rate_digits(float(rate), error, known) for rate in at]
    return int(steps[::-1][np.argmin(costs[::-1])])  # the last of several: the row after a jump


def _rate_digits(rate: float, error: float, known: Sequence[float]) -> int:
    near = max(error, NEAR * abs(rate))
    if rate < -near:
        return 2 * MOST_DIGITS
    if any(abs(rate - part * other) <= near for other in known for part in PARTS):
        return 1
    return digits(decimal(rate - near, rate + near, rate))
