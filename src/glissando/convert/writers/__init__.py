"""What a schedule is written as: a plain file is a target, and its `drafts` the ways to say it."""
