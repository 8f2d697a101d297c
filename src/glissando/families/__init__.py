"""One closed formula a file."""
