"""Texts as data: YAML with foreign tags, Python literals, command-line flags, model cards."""
