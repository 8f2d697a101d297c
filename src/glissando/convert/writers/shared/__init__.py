"""What several writers have in common."""
