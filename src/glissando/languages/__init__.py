"""A schedule as source code or LaTeX."""
