"""What audits say of real trainings with real mistakes, in five frameworks."""
