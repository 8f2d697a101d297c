"""What is probably a mistake in a schedule."""
