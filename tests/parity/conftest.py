"""Settings for the parity tests."""

# they import their peers, of which some are not installed here
collect_ignore = ["peers"]
