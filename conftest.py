"""What pytest does not collect: tests/docs runs the examples in docs, and conf.py is Sphinx's."""

collect_ignore = ["docs"]
