"""Who finds the best schedule, for how much? The study and its rivals against a full grid.

`make contest` trains what is not stored yet, on one core, and prints the table.
"""
