"""All that differs between runs: records, code, output, files, and what may be why."""
