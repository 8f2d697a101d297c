"""What is probably wrong: in a schedule, between two, and in what a run has logged."""
