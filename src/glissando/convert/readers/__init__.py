"""One file a framework; a new one is a file here and nothing else."""
