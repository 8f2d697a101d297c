"""Numbers that look random, the same in every framework."""

from typing import Any

_P, _Q, _R = 4093, 4091, 4079
_LAST = _P * _P - 1


def noise(t: Any, seed: Any) -> Any:
    """Return a number from 0 to 1 that depends on the whole part of `t` and on the seed alone.

    The step's remainders by three primes are mixed by multiplication. No number on the way is
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
