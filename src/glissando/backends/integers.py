"""Numbers and orders of steps in whole numbers that every framework and JavaScript hold exactly."""

from typing import Any

_P, _Q, _R = 4093, 4091, 4079
_LAST = _P * _P - 1


def noise(t: Any, seed: Any) -> Any:
    """Return a number from 0 to 1 that depends on the whole part of `t` and on the seed alone.

    The step's remainders by three primes are mixed by multiplication. No intermediate number is
    2**24 or more, so 32-bit integers, JavaScript's numbers and even float32 hold it exactly.
    """
    t = t // 1
    x, y, z = t % _P, t % _Q, t % _R
    a, b, c = seed % _P + 1, seed // _P % _P + 1, seed // _P // _P % _P + 1
    for _ in range(3):
        x = (y * z + x + a) % _P
        y = (z * x + y + b) % _P
        z = (x * y + z + c) % _P
    return (x * _P + y) / _LAST


def fractal(t: Any, nodes: Any) -> Any:
    """Return the number of the node that comes at `t`; `nodes` is a power of two.

    The order of one node is 0. That of twice as many has after each number its mirror image among
    them all: 0 1, then 0 3 1 2, then 0 7 3 4 1 6 2 5.
    """
    t = t // 1
    node, size = t % 1, 1
    while size < nodes:
        size *= 2
        mirrored = t // (nodes // size) % 2
        node = node + mirrored * (size - 1 - 2 * node)
    return node
