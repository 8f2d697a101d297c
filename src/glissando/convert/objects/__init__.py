"""Live objects of the frameworks, one framework a file."""
