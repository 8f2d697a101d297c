"""A run of a study: what it is, where it is kept, and how it is made."""
