"""The demo: train a real network under each schedule and report what that changed."""


class DemoError(Exception):
    """What stops the demo and the reader can mend: one message that says how."""
