"""MLflow's model registry over ours."""
