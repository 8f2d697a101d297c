"""What a study does next, by what came of its runs: a pure function."""
