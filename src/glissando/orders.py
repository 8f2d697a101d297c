"""Orders of steps, in integers that every framework and JavaScript hold."""

from typing import Any


def fractal(t: Any, nodes: Any) -> Any:
    """Return the number of the node whose turn it is at `t`; `nodes` is a power of two.

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
