"""Many runs that answer one question: which schedule trains this model best, at which peak."""
