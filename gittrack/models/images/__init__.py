"""A model as an image that serves it: files to build from, and building."""
