"""Commits on the runs branch and on the code ref."""
