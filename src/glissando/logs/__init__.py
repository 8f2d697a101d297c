"""What a training run wrote, as a stream of rows: one reader a format."""
