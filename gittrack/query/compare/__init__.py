"""Runs side by side, in groups, and what of a metric the params explain."""
