"""Recording a run: what is captured, the active run, and the wrapper around a command."""
