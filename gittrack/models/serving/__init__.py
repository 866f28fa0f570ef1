"""A model behind HTTP: MLflow's scoring protocol, and what probes and clouds ask for."""
