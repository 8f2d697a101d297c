"""The demo: a study of the tip's schedules, prepared on real images."""
