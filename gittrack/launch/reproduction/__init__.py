"""Running a recorded run again: code, environment and inputs as they were, and the verdict."""
