"""How long a run is: durations, plans, batches."""
