"""Scoring files of any length: read in parts, predicted by several processes, written in order."""
