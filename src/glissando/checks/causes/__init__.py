"""What makes logged rates differ from those meant: a file each, all with one interface.

Each has a function `explain` that takes a `View` and yields an `Explanation` of all rows for each
way in which its cause may have made them.
"""
