"""Projects: where they are, what their MLproject says, and running one of their entry points."""
