"""Where a model comes from: the chain run, code, data, model, checked and stated."""
