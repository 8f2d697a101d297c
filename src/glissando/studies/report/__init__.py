"""What a study found: the answer, how sure it is, the tables and the page."""
