"""The designer: schedules built by hand in the browser and in notebooks."""
