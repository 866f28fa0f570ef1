"""One file a tool: the same few functions in its language."""
