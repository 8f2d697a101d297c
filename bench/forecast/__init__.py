"""Does the forecast hold? A character transformer on two cores, and schedules no pilot has shown.

`make forecast` trains what is not in `runs/` yet, and prints the table.
"""
