"""What pytest does not collect: what others run, as Sphinx conf.py and the tests additions.py."""

collect_ignore = ["docs", "tests/docs/additions.py"]
