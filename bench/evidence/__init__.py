"""Which schedule trains fastest: four small tasks on real data, with all their runs."""
