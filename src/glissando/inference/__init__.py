"""The simplest schedule that explains the rates of a log."""
