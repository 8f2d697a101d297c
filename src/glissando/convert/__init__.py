"""Configurations in, code and configurations out: schedules moved between frameworks."""
