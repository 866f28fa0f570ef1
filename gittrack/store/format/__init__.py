"""The files of a run: documents and texts, pure."""
