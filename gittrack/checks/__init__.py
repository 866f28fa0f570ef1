"""What `gittrack validate` and the pre-commit hooks ask. Nothing heavy is imported."""
