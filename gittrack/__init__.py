"""Experiment tracking that lives in the Git repository."""
