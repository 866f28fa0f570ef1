"""A review as something to read: one document, several renderers; text of runs is inert in each."""
