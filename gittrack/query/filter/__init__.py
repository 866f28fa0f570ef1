"""The language of filters: parsed, matched in Python and asked in SQL."""
