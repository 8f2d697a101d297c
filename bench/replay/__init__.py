"""Replay studies on runs that were made before: `make replay`.

A training is a look into a table of losses, plus noise. The table of the 124M grid is in
`grid.py`, and that of a small task in `small.py`; a law of the loss with drawn exponents is a
third. Regret is how much worse the winner is than the best of the full grid, both without noise.
"""
