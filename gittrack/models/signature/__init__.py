"""What a model takes and gives: values (`types`, `specs`), their text (`text`), inference and enforcement."""
