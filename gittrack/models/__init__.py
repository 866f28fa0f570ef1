"""Models as directories with an `MLmodel` file, readable by MLflow and by what reads its format."""
