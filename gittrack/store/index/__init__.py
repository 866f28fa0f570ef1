"""Committed runs in SQLite, disposable."""
