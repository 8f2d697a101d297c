"""What peers that compute in float32 make of a number."""

import math
import struct


def single(number: float) -> float:
    """Return the nearest float32 number."""
    nearest: float = struct.unpack("f", struct.pack("f", number))[0]
    return nearest


def in_single(ratio: float) -> float:
    """Return a ratio as a peer that computes in float32 has it, if its curve shows that.

    The number nearest to 0.999 there is another one, and the powers of the two move apart. Where
    they stay within 2**-23 of the first rate, which is the peer's own rounding, the ratio remains
    as it was written.
    """
    if ratio == 0:
        return ratio
    nearest = single(ratio)
    apart = abs(nearest - ratio) / ratio
    # k powers on it is k * apart * ratio**k, the most where ratio**k is 1 / e
    shown = ratio > 1 or apart > -math.log(ratio) * math.e * 2**-23
    return nearest if apart and shown else ratio
