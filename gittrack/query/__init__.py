"""Questions about runs: filter, search, compare, diff."""
