"""What users see, kept as files: `pytest --update` writes them anew."""
